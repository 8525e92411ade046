import type { AlertEntry } from '@transaction-guardian/contracts/alert-detail.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { FeedbackRow } from '../store/verbs/feedback/list-feedback.ts';
import type { HidingRow, MessageRow, PastResponse } from '../store/verbs/alert/alert-history.ts';

/** What is stored of an alert. Times: epoch milliseconds of the wall clock. */
export interface AlertFacts {
  readonly alert: AlertView;
  /** When it was first seen, or else when the anomaly was detected, event time; null: not known. */
  readonly firedAt: number | null;
  readonly responses: readonly PastResponse[];
  readonly hidings: readonly HidingRow[];
  readonly steps: readonly { readonly at: number; readonly people: readonly string[]; readonly receivers: readonly string[] }[];
  readonly messages: readonly MessageRow[];
  readonly verdicts: readonly FeedbackRow[];
  /** Name of a person by the id. */
  readonly nameOf: (id: string) => string;
}

/** The timeline of an alert, the oldest line first. Its begin and its end are event time, which may be another than the wall clock: the begin
 *  is always the first line, and the end the last. Pure. */
export function alertTimeline(facts: AlertFacts): AlertEntry[] {
  const { alert, firedAt } = facts;
  const between = [
    ...(firedAt === null ? [] : [entry('fired', firedAt)]),
    ...deliveryEntries(facts.messages),
    ...facts.responses.flatMap((row) => responseEntries(row, facts.nameOf)),
    ...facts.hidings.flatMap(hidingEntries),
    ...facts.steps.map(({ at, people, receivers }) =>
      entry('escalated', at, { people: people.map(facts.nameOf), receivers: [...receivers] }),
    ),
    ...facts.verdicts.map(({ given_at: at, given_by: by, verdict }) => entry('verdict', at, { by: facts.nameOf(by), detail: verdict })),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return [
    entry('began', Date.parse(alert.starts_at)),
    ...between,
    ...(alert.ends_at === null ? [] : [entry('resolved', Date.parse(alert.ends_at))]),
  ];
}

function entry(kind: AlertEntry['kind'], at: number, fields: Partial<AlertEntry> = {}): AlertEntry {
  return { at: new Date(at).toISOString(), kind, by: null, receivers: [], people: [], detail: null, until: null, ...fields };
}

/** Messages that were taken in the same second are one line. */
function deliveryEntries(messages: readonly MessageRow[]): AlertEntry[] {
  const taken = messages.flatMap(({ receiver, status, delivered_at: at }) => (at === null ? [] : [{ receiver, status, at }]));
  const groups = Map.groupBy(taken, ({ at, status }) => `${Math.floor(at / 1000)} ${status}`);
  return [...groups.values()].map((group) =>
    entry('delivered', group[0]?.at ?? 0, { detail: group[0]?.status ?? null, receivers: group.map(({ receiver }) => receiver) }),
  );
}

const ENDED_BY_NOBODY = 'timeout';

function responseEntries(row: PastResponse, nameOf: AlertFacts['nameOf']): AlertEntry[] {
  const until = row.until === null ? null : new Date(row.until).toISOString();
  const begun = entry(row.kind === 'snooze' ? 'snoozed' : 'acknowledged', row.at, { by: row.by_name, detail: row.comment, until });
  // The end of the alert ends all of them: that is one line of its own.
  if (row.ended_at === null || row.ended_how === 'resolved') return [begun];
  const by = row.ended_by === null ? null : nameOf(row.ended_by);
  const how = row.ended_how ?? ENDED_BY_NOBODY;
  return [begun, entry(row.kind === 'snooze' ? 'snooze_ended' : 'acknowledge_ended', row.ended_at, { by, detail: how })];
}

function hidingEntries({ hidden_at, by_name, reason, ends_at, ended_at, ended_by_name }: HidingRow): AlertEntry[] {
  const begun = entry('silenced', hidden_at, { by: by_name, detail: reason, until: new Date(ends_at).toISOString() });
  return ended_at === null ? [begun] : [begun, entry('silence_ended', ended_at, { by: ended_by_name })];
}
