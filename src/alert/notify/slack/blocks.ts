import { cutText } from '../text/plain-line.ts';
import type { Markup } from '../text/fit-text.ts';
import { fitText } from '../text/fit-text.ts';
import type { MessageText } from '../text/message-text.ts';

/** A piece of a rich text of Block Kit. Its text is shown as it is: Slack reads no markup, mention or link in it. */
type Piece =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: 'link'; readonly url: string; readonly text: string };

/** Most characters of a message here: what Slack shows without "See more", and far below its limits. */
const MAX_LENGTH = 2900;
const MAX_FALLBACK = 300;

// Marks of what is bold or a link, in a private use area that plain lines are cleaned of.
const [BOLD, LINK, SEPARATOR] = ['\uE000', '\uE001', '\uE002'];
const MARKS = /[\uE000-\uE002]/gu;
const PIECES: Markup = {
  escape: (line) => line.replace(MARKS, ''),
  bold: (line) => `${BOLD}${line}${BOLD}`,
  link: ({ label, url }) => `${LINK}${label.replace(MARKS, '')}${SEPARATOR}${url}${LINK}`,
  size: (text) => text.length,
};

/** A message for an incoming webhook: rich text, and a line for the notification of the phone. Pure. */
export function slackBody(message: MessageText): object {
  return {
    text: escapeMrkdwn(cutText(message.subject, MAX_FALLBACK)),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: piecesOf(fitText(message, PIECES, MAX_LENGTH)) }] }],
  };
}

/** The three characters that Slack reads also in plain texts (docs.slack.dev, "Formatting message text"). */
const escapeMrkdwn = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function piecesOf(marked: string): Piece[] {
  return marked
    .split(/(\uE000[^\uE000]*\uE000|\uE001[^\uE001]*\uE001)/u)
    .filter((part) => part !== '')
    .map((part): Piece => {
      const inner = part.slice(1, -1);
      if (part.startsWith(BOLD)) return { type: 'text', text: inner, style: { bold: true } };
      if (!part.startsWith(LINK)) return { type: 'text', text: part };
      const [label = '', url = ''] = inner.split(SEPARATOR);
      return { type: 'link', url, text: label };
    });
}
