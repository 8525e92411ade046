import type { HeldAlert } from '../store/verbs/alert/alert-states.ts';
import type { SilenceRow } from '../store/verbs/silence/silences.ts';
import { wireLabels } from '../alert/wire-labels.ts';
import { exactly, toAlertmanager, type WireMatcher } from './translate.ts';

/** A silence that every Alertmanager is to have. Times are epoch milliseconds. */
export interface WantedSilence {
  /** Id of the silence here, or `hold <fingerprint> <start>`: an acknowledgement or a snooze. */
  readonly key: string;
  readonly matchers: readonly WireMatcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  /** Ends in the mark by which it is recognised. */
  readonly comment: string;
}

const HOUR_MS = 3_600_000;
const MARK = /\s*\[guardian:([^\]]+)\]\s*$/u;

/** What is not silenced any more when its alert ends. */
export const isHold = (key: string): boolean => key.startsWith('hold ');

/** Key of what holds back an alert that only Alertmanager has, which nothing here is the other side of. */
export const elsewhereKey = (fingerprint: string): string => `other ${fingerprint}`;

/** Whether a key is one of those. */
export const isElsewhere = (key: string): boolean => key.startsWith(elsewhereKey(''));

/** The key in a comment of ours; undefined for the comment of somebody else. */
export const silenceKeyOf = (comment: string): string | undefined => MARK.exec(comment)?.[1];

/** A comment without its mark. */
export const withoutMark = (comment: string): string => comment.replace(MARK, '');

/** A comment with the key by which it is recognised. */
export const marked = (text: string, key: string): string => `${text} [guardian:${key}]`;

/** A silence of ours that has not ended. Pure. */
export function wantedSilence({ id, matchers, maxSeverity, startsAt, endsAt, reason, by }: SilenceRow): WantedSilence {
  const common = { key: id, startsAt, endsAt, createdBy: by.name };
  return { ...common, matchers: toAlertmanager(matchers, maxSeverity), comment: marked(reason === '' ? '-' : reason, id) };
}

/** The silence of an alert that somebody acknowledged or snoozed: of its labels and no others, by whoever did, until it notifies
 *  again. One without a timeout is renewed in steps of an hour. Null for an alert that nobody holds. Pure. */
export function wantedHold({ fingerprint, startsAt, labels, state }: HeldAlert, now: number): WantedSilence | null {
  const owner = state.snoozed_by ?? state.acknowledged_by;
  if (owner === null) return null;
  const until = state.snoozed_until ?? state.acknowledged_until;
  const endsAt = until === null ? (Math.floor(now / HOUR_MS) + 2) * HOUR_MS : Date.parse(until);
  const key = `hold ${fingerprint} ${startsAt}`;
  const comment = marked(state.snoozed_by === null ? 'Acknowledged' : 'Snoozed', key);
  return { key, matchers: exactly(wireLabels(labels)), startsAt: now, endsAt, createdBy: owner.name, comment };
}
