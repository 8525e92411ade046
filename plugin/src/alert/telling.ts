import type { Told } from '../state/ledger.ts';
import type { IncomingAlert } from '../payload.ts';
import { rankOf, alertSeverity } from './severity.ts';

/** How a notification is told: in a message of its own that makes a sound; by changing the message that stands, silently; not at
 *  all, since it is there. */
export type Telling = 'say' | 'edit' | 'nothing';

export interface TellingFacts {
  /** The last message about the group. */
  readonly before: Told | undefined;
  /** Alerts whose state the chat was not told of. */
  readonly news: readonly IncomingAlert[];
  readonly alerts: readonly IncomingAlert[];
  readonly notification: string;
  readonly canEdit: boolean;
  /** The server notifies somebody else, or the same ones again, since nobody took the alert: the chat may know it from its own group. */
  readonly isEscalation: boolean;
  /** The chat was told of each of these states, in whichever group. */
  readonly isTold: boolean;
  readonly now: number;
  /** From then on the same again is a reminder and no repetition of the transport. */
  readonly repeatAfterMs: number;
}

/** Decides. What begins, becomes worse or ends altogether makes a sound; what only changes does not. Pure. */
export function chooseTelling(facts: TellingFacts): Telling {
  const { before, news, alerts, canEdit } = facts;
  if (facts.isEscalation) return tellEscalation(facts);
  if (before === undefined) return news.length === 0 ? 'nothing' : 'say';
  if (news.length === 0) return tellAgain(facts);
  const isFiring = alerts.some(({ status }) => status === 'firing');
  const wasFiring = before.alerts.some(({ status }) => status === 'firing');
  if (!isFiring || !wasFiring) return 'say';
  const begun = news.filter(({ status }) => status === 'firing');
  const known = alerts.filter((alert) => alert.status === 'firing' && !news.includes(alert));
  const worst = (list: readonly IncomingAlert[]): number =>
    Math.min(Number.POSITIVE_INFINITY, ...list.map((alert) => rankOf(alertSeverity(alert))));
  const isWorse = begun.length > 0 && (worst(begun) < worst(known) || worst(begun) === 0);
  return isWorse || !canEdit ? 'say' : 'edit';
}

/** Each step makes a sound, also where the chat has the alert already; its end only where the chat has not heard of that. */
function tellEscalation({ before, news, alerts, notification, canEdit, isTold }: TellingFacts): Telling {
  if (alerts.some(({ status }) => status === 'firing'))
    return before === undefined || news.length > 0 || notification !== before.notification ? 'say' : 'nothing';
  if (news.length === 0 || (before === undefined && isTold)) return 'nothing';
  return isTold && canEdit ? 'edit' : 'say';
}

/** Nothing new: the server changed figures, it reminds, or the transport repeats itself. */
function tellAgain({ before, alerts, notification, canEdit, now, repeatAfterMs }: TellingFacts): Telling {
  if (before === undefined || !alerts.some(({ status }) => status === 'firing')) return 'nothing';
  if (now - before.at >= repeatAfterMs && (notification === '' || notification !== before.notification)) return 'say';
  return canEdit && notification !== '' && notification !== before.notification ? 'edit' : 'nothing';
}
