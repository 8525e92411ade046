import type { Line } from './line.ts';
import { renderMarkdown } from './markdown.ts';

/** `@everyone`, `@here` and `<@1>` would notify; a word joiner makes text of them. */
const MENTION = /@(?=everyone|here|&|!|\d)/g;

/** A line for Discord, whose own Markdown OpenClaw passes on. */
export const renderDiscord = ({ text, ...line }: Line): string => renderMarkdown({ ...line, text: text.replaceAll(MENTION, '@\u2060') });
