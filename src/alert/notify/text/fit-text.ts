import { cutText } from './plain-line.ts';
import type { MessageLink, MessageText } from './message-text.ts';

/** How a channel writes text: what it escapes, what is bold, how it links. */
export interface Markup {
  readonly escape: (line: string) => string;
  /** Takes escaped text. */
  readonly bold: (line: string) => string;
  /** Takes what is not escaped. */
  readonly link: (link: MessageLink) => string;
  /** Length as the channel counts it. */
  readonly size: (text: string) => number;
}

type Detail = 'full' | 'short' | 'title';
/** From so many alerts on each has only the lines of a lock screen. */
const SHORT_FROM = 3;

/** Writes a message with the markup of a channel in at most `limit`: as much of each alert as fits, the most severe first; those
 *  that do not fit, and of many all but the worst few, are counted, and none is cut in the middle but the first, when it alone is too long. Pure. */
export function fitText(message: MessageText, markup: Markup, limit: number): string {
  const details: readonly Detail[] = message.alerts.length < SHORT_FROM ? ['full', 'short', 'title'] : ['short', 'title'];
  for (const detail of details) {
    const whole = write(message, markup, detail, message.most);
    if (markup.size(whole) <= limit) return whole;
  }
  const most = largest(message.most, (n) => markup.size(write(message, markup, 'title', n)) <= limit);
  if (most > 0) {
    // Room that is left goes to the alerts at the top.
    const open = largest(most, (n) => markup.size(write(message, markup, 'title', most, n)) <= limit);
    return write(message, markup, 'title', most, open);
  }
  return cutFirst(message, markup, limit);
}

/** The largest number from 0 to `end` for which `fits` holds; it holds for all below it. */
function largest(end: number, fits: (n: number) => boolean): number {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Writes the first `n` alerts with `detail`, of these the first `open` with the lines of a lock screen at least. */
function write(message: MessageText, markup: Markup, detail: Detail, n: number, open = 0): string {
  const blocks = message.count === null ? [] : [markup.bold(markup.escape(message.count))];
  for (const [index, alert] of message.alerts.slice(0, n).entries()) {
    const level = detail === 'title' && index < open ? 'short' : detail;
    const body = level === 'title' ? [] : alert[level];
    const links = level === 'title' ? [] : [alert.links.map(markup.link).join(' · ')].filter((line) => line !== '');
    blocks.push([markup.bold(markup.escape(alert.title)), ...body.map(markup.escape), ...links].join('\n'));
  }
  const left = message.alerts.length - n;
  if (left > 0) blocks.push(markup.escape(message.more(left)));
  if (message.missed.length > 0) blocks.push(message.missed.map(markup.escape).join('\n'));
  return blocks.join(detail === 'title' && open === 0 ? '\n' : '\n\n');
}

function cutFirst(message: MessageText, markup: Markup, limit: number): string {
  const title = message.alerts[0]?.title ?? message.subject;
  const left = message.alerts.length - 1;
  const tail = left > 0 ? `\n${markup.escape(message.more(left))}` : '';
  const length = largest(title.length, (n) => markup.size(markup.bold(markup.escape(cutText(title, n))) + tail) <= limit);
  return markup.bold(markup.escape(cutText(title, length))) + tail;
}
