import type { Line } from './line.ts';
import { renderMarkdown } from './markdown.ts';

/** A line for Telegram: OpenClaw turns the Markdown into Telegram's HTML. HTML that is handed to it would not arrive: it makes
 *  Markdown of the tags and sends that as it is. */
export const renderTelegram = (line: Line): string => renderMarkdown(line);
