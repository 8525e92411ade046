import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import type { Markup } from './fit-text.ts';

/** Text without markup: links are written out. */
export const PLAIN: Markup = {
  escape: (line) => line,
  bold: (line) => line,
  link: ({ label, url }) => `${label}: ${url}`,
  size: (text) => text.length,
};

/** The HTML that mail and the Bot API of Telegram read: `<b>` and `<a>`, with `&`, `<`, `>` and quotes escaped. */
export const HTML: Markup = {
  escape: escapeHtml,
  bold: (line) => `<b>${line}</b>`,
  link: ({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
  size: (text) => text.length,
};
