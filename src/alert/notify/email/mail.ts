import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';
import { fitText, type Markup } from '../text/fit-text.ts';
import type { MessageText } from '../text/message-text.ts';
import { cutText } from '../text/plain-line.ts';

/** Characters of each part: a mail has no limit of its own, and nobody reads a thousand alerts in one. */
const MAX_LENGTH = 60_000;
const MAX_SUBJECT = 150;

const PLAIN: Markup = {
  escape: (line) => line,
  bold: (line) => line,
  link: ({ label, url }) => `${label}: ${url}`,
  size: (text) => text.length,
};
const HTML: Markup = {
  escape: escapeHtml,
  bold: (line) => `<b>${line}</b>`,
  link: ({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
  size: (text) => text.length,
};

/** Subject, text and HTML of a message. Pure. */
export function mailOf(message: MessageText): { readonly subject: string; readonly text: string; readonly html: string } {
  const html = fitText(message, HTML, MAX_LENGTH).replaceAll('\n', '<br>\n');
  return {
    subject: cutText(message.subject, MAX_SUBJECT),
    text: fitText(message, PLAIN, MAX_LENGTH),
    html: `<!doctype html><html><head><meta charset="utf-8"></head><body dir="ltr" style="font-family:sans-serif">${html}</body></html>`,
  };
}
