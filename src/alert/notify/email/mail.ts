import { fitText } from '../text/fit-text.ts';
import { HTML, PLAIN } from '../text/markups.ts';
import type { MessageText } from '../text/message-text.ts';
import { cutText } from '../text/plain-line.ts';

/** Characters of each part: a mail has no limit of its own, and nobody reads a thousand alerts in one. */
const MAX_LENGTH = 60_000;
const MAX_SUBJECT = 150;

/** Subject, text and HTML of a message. Pure. */
export function mailOf(message: MessageText): { readonly subject: string; readonly text: string; readonly html: string } {
  const html = fitText(message, HTML, MAX_LENGTH).replaceAll('\n', '<br>\n');
  return {
    subject: cutText(message.subject, MAX_SUBJECT),
    text: fitText(message, PLAIN, MAX_LENGTH),
    html: `<!doctype html><html><head><meta charset="utf-8"></head><body dir="ltr" style="font-family:sans-serif">${html}</body></html>`,
  };
}
