import type { Delivery } from '../notification.ts';
import { text, type Locale } from './text.ts';

type Receiver = Delivery['receivers'][number];

/** Receivers and chats that one line names. */
const MOST = 6;
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Whether a receiver has taken, or was sent, what nothing proves to have arrived. */
export const isDoubtful = ({ state }: Pick<Receiver, 'state'>): boolean => state === 'failing' || state === 'unproven';

/** The sign of a state: nothing looks well while what was sent may not have arrived. */
export const markWithDoubt = <Mark extends string>(mark: Mark, receivers: readonly Receiver[]): Mark | '⚠️' =>
  mark === '✅' && receivers.some(isDoubtful) ? '⚠️' : mark;

/** How old the last proof of each receiver is, and of each chat that it hands messages on to; null without receivers. E.g.
 *  `Última entrega comprovada: clawdbot há 3 minutos (telegram há 3 minutos, whatsapp há 2 horas), phone nunca`. */
export function deliveryText(locale: Locale, receivers: readonly Receiver[]): string | null {
  if (receivers.length === 0) return null;
  const shown = receivers.slice(0, MOST).map((one) => receiverText(locale, one));
  const more = receivers.length > MOST ? [`+${receivers.length - MOST}`] : [];
  return `${receivers.some(isDoubtful) ? '⚠️ ' : ''}${text(locale, 'chat.status.delivery')}: ${[...shown, ...more].join(', ')}`;
}

function receiverText(locale: Locale, { receiver, channel, age_s: ageS, state, chats }: Receiver): string {
  const age = ageS === null ? text(locale, 'chat.status.delivery_never') : agoText(locale, ageS);
  // A receiver that is a chat itself names it once.
  const handedOn = chats.filter((chat) => chat.channel !== channel);
  const names = [
    ...(state === 'failing' ? [text(locale, 'chat.status.delivery_failing')] : []),
    ...(state === 'unproven' ? [text(locale, 'chat.status.delivery_unproven')] : []),
    ...handedOn.slice(0, MOST).map((chat) => `${nameOf(chat, handedOn)} ${agoText(locale, chat.age_s)}`),
  ];
  return `${receiver} ${age}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
}

/** The channel; the end of the chat's name too where it has several. */
function nameOf({ channel, to }: Receiver['chats'][number], chats: Receiver['chats']): string {
  return chats.filter((other) => other.channel === channel).length === 1 ? channel : `${channel} …${to.slice(-4)}`;
}

function agoText(locale: Locale, seconds: number): string {
  // "há 0 segundo" would be odd.
  const passed = Math.max(1, seconds);
  const [unit, size] = UNITS.find(([, least]) => passed >= least) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(locale).format(-Math.floor(passed / size), unit);
}
