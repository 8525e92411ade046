import type { Line } from './line.ts';
import { renderMarkdown } from './markdown.ts';

const MARK = /\\([*_~`])/g;
const ENTITIES: Readonly<Record<string, string>> = { '*': '&#42;', _: '&#95;', '~': '&#126;', '`': '&#96;' };

/** A line for WhatsApp: OpenClaw turns `**bold**` into `*bold*`. WhatsApp knows no escape, so OpenClaw would show the backslash before
 *  a mark; as an entity the mark arrives alone. */
export const renderWhatsApp = (line: Line): string =>
  renderMarkdown(line).replaceAll(MARK, (whole, mark: string) => ENTITIES[mark] ?? whole);
