import type { Line } from './line.ts';

const SPECIAL = /[\\`*_{}[\]<>()#+!|~&]/g;
/** What makes a list, a quote or a heading at the beginning of a line. */
const LIST = /^(\s*)(?:(\d+)([.)])|([-=]))(?=\s|-|=|$)/;
const INDENT = /^ +/;
/** OpenClaw takes tags out of a text before it reads the Markdown, escaped or not, and lets Slack's mentions through. */
const TAG = /<(?=[a-z/!@#])/gi;

/** A line as the Markdown that OpenClaw turns into the markup of a channel. `text` shows as it is. */
export function renderMarkdown({ text, style }: Line): string {
  if (text.trim() === '') return '';
  if (style === 'code' && !text.includes('`')) return `\`${text}\``;
  const escaped = escapeLine(text);
  return style === 'strong' ? `**${escaped.trim()}**` : escaped;
}

/** Four spaces at the beginning would be a block of code. */
function escapeLine(text: string): string {
  return text
    .replaceAll(TAG, '<\u2060')
    .replaceAll(SPECIAL, String.raw`\$&`)
    .replace(LIST, (_whole, lead: string, number?: string, point?: string, dash?: string) =>
      dash === undefined ? `${lead}${number}\\${point}` : `${lead}\\${dash}`,
    )
    .replace(INDENT, (spaces) => '\u00a0'.repeat(spaces.length));
}
