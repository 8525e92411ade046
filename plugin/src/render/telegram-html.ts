import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import type { Line } from './line.ts';

/** A line as the HTML of the Bot API (core.telegram.org/bots/api#html-style), for messages that the plugin changes by itself. */
export function renderTelegramHtml({ text, style }: Line): string {
  const escaped = escapeHtml(text);
  if (escaped.trim() === '') return '';
  if (style === 'strong') return `<b>${escaped}</b>`;
  return style === 'code' ? `<code>${escaped}</code>` : escaped;
}
