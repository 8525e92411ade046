import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import type { Markup } from '../text/fit-text.ts';

/** Most characters of a message (sendMessage, Bot API). They count after the markup is read, so that counting it is on the safe side. */
export const MAX_LENGTH = 4096;

/** The HTML of the Bot API: `<b>` and `<a>`, with `&`, `<`, `>` and quotes escaped. */
export const TELEGRAM_HTML: Markup = {
  escape: escapeHtml,
  bold: (line) => `<b>${line}</b>`,
  link: ({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
  size: (text) => text.length,
};
