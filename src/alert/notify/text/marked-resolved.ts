import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { DeliveryAttempt, PreviousMessage } from '../channel.ts';
import { fitText, type Markup } from './fit-text.ts';
import { messageText } from './message-text.ts';

/** The message that a delivery ends, where it may be marked so by an edit, so that nobody scrolls back to an alert that looks open;
 *  undefined for none. Before the delivery itself: a repeat after a crash edits to the same text, which changes nothing. Pure. */
export function endedBy({ previous }: DeliveryAttempt, status: 'firing' | 'resolved'): PreviousMessage | undefined {
  return status === 'resolved' && previous?.isShared === false ? previous : undefined;
}

/** The text of a message with the mark that it is over above it, in at most `limit`. Pure. */
export function markedResolved({ message }: PreviousMessage, locale: Locale, markup: Markup, limit: number): string {
  const mark = markup.bold(text(locale, 'notify.resolved'));
  return `${mark}\n\n${fitText(messageText(message, locale), markup, limit - mark.length - 2)}`;
}
