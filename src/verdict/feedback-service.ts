import type { Feedback, FeedbackInput, FeedbackNotice, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Act, Acted } from '../auth/act.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import type { Database, Sql } from '../store/database.ts';
import { enqueueOutbox } from '../store/verbs/outbox/enqueue-outbox.ts';
import { readAnomaly } from '../store/verbs/anomaly/list-anomalies.ts';
import { findFeedbackInForce, listFeedback, type FeedbackFilter, type FeedbackRow } from '../store/verbs/feedback/list-feedback.ts';
import type { PageRequest } from '../store/verbs/page.ts';
import { readLastMinutes } from '../store/verbs/minute/read-minutes.ts';
import { nextFeedbackNumber, writeFeedback } from '../store/verbs/feedback/write-feedback.ts';
import { SETTINGS } from '../detect/series/settings.ts';
import { effectOf, shownEffects } from '../detect/feedback/effect.ts';
import { isAbsenceType, judgedKeys, judgedRows } from '../detect/series/node-key.ts';
import { verdictEntryOf, type VerdictEntry } from '../detect/feedback/verdict-entry.ts';

/** What became of a verdict. `not_open`, `absence`: why a level cannot be accepted; `self`: it is not about traffic. */
export type FeedbackOutcome =
  | { readonly kind: 'given'; readonly feedback: Feedback }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'conflict'; readonly rule: 'not_open' | 'absence' | 'self' };

/** Where people's verdicts come in. What it stores, its audit row and the notice to the detector commit in one transaction. */
export interface FeedbackService {
  /** Gives a verdict; one that this actor gave before on the same anomaly is replaced, the same one again changes nothing. */
  give(actor: Actor, anomalyId: string, input: FeedbackInput): Promise<FeedbackOutcome>;
  /** Takes an actor's own verdict on an anomaly back; false when there is none. */
  withdraw(actor: Actor, anomalyId: string): Promise<boolean>;
  /** Undoes the effect of all verdicts, or of those on one node. Returns how many were in force. */
  reset(actor: Actor, wanted: { readonly node?: string }): Promise<number>;
  list(wanted: FeedbackFilter, page: PageRequest): Promise<Omit<FeedbackPage, 'actor'>>;
}

export interface FeedbackDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  /** Configured name of an actor; default the id. */
  readonly nameOf?: (id: string) => string;
}

/** Verdicts that the row of a reset names one by one. */
const NUMBERS_MOST = 100;

/** Makes the desk. Methods throw STORE_UNAVAILABLE, and what acting throws. */
export function createFeedbackService({ database, clock, act, nameOf = (id) => id }: FeedbackDeps): FeedbackService {
  const shown = (row: FeedbackRow): Feedback => ({ ...viewOf(row), by_name: nameOf(row.given_by) });

  async function record(tx: Sql, what: Pick<FeedbackNotice, 'by' | 'ends' | 'how' | 'given'>): Promise<FeedbackNotice> {
    const at = clock.now();
    const number = await nextFeedbackNumber(tx, at);
    const { last } = await readLastMinutes(tx);
    const notice: FeedbackNotice = { v: 1, kind: 'feedback', number, minute: last?.minute ?? 0, at, ...what };
    await writeFeedback(tx, notice, judgedKeys(notice.given));
    await enqueueOutbox(tx, [{ topic: TOPICS.windows, key: '', value: JSON.stringify(notice), headers: JSON_HEADERS }]);
    return notice;
  }

  async function give(tx: Sql, by: string, anomalyId: string, input: FeedbackInput): Promise<Acted<FeedbackOutcome>> {
    const { verdict, comment = null } = input;
    const anomaly = await readAnomaly(tx, anomalyId);
    if (anomaly === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
    const [before] = (await listFeedback(tx, { anomalyId, by, inForce: true }, { limit: 1 })).items;
    const was = before === undefined ? null : auditOf(before);
    if (before?.verdict === verdict && before.comment === comment)
      return { value: { kind: 'given', feedback: shown(before) }, outcome: { result: 'unchanged', before: was, after: was } };
    const rule = SELF_TYPES.includes(anomaly.type) ? 'self' : verdict === 'accept_level' ? obstacle(anomaly) : null;
    if (rule !== null) return { value: { kind: 'conflict', rule }, outcome: { result: 'refused', before: was, after: was } };
    const { id, type, node, duration_minutes, slice } = anomaly;
    const { z_score, ml_score } = anomaly.peak;
    const given = { verdict, comment, anomaly: { id, type, node, duration_minutes, slice, z_score, ml_score } };
    const notice = await record(tx, { by, given, ends: before === undefined ? [] : [before.number], how: before ? 'replaced' : null });
    const row = rowOf(notice, given);
    return { value: { kind: 'given', feedback: shown(row) }, outcome: { result: 'done', before: was, after: auditOf(row) } };
  }

  async function end(tx: Sql, by: string, how: 'withdrawn' | 'reset', wanted: FeedbackFilter): Promise<Acted<number>> {
    const ends = await findFeedbackInForce(tx, wanted);
    if (ends.length > 0) await record(tx, { by, ends, how, given: null });
    const before = { in_force: ends.length, numbers: ends.slice(0, NUMBERS_MOST) };
    const none = how === 'withdrawn' ? 'not_found' : 'unchanged';
    return { value: ends.length, outcome: { result: ends.length > 0 ? 'done' : none, before, after: { in_force: 0 } } };
  }

  return {
    give: (actor, anomalyId, input) =>
      act({ actor, verb: 'feedback.give', arguments: { anomaly_id: anomalyId, ...input } }, (tx) => give(tx, actor.id, anomalyId, input)),
    async withdraw(actor, anomalyId) {
      const request = { actor, verb: 'feedback.withdraw', arguments: { anomaly_id: anomalyId } } as const;
      return (await act(request, (tx) => end(tx, actor.id, 'withdrawn', { anomalyId, by: actor.id }))) > 0;
    },
    reset: (actor, wanted) =>
      act({ actor, verb: 'feedback.reset', arguments: wanted.node === undefined ? { all: true } : { node: wanted.node } }, (tx) =>
        end(tx, actor.id, 'reset', wanted),
      ),
    async list(wanted, page) {
      const [asked, inForce, { last }] = await Promise.all([
        listFeedback(database, wanted, page),
        listFeedback(database, { inForce: true }, { limit: SETTINGS.feedback.verdictsMost }),
        readLastMinutes(database),
      ]);
      const effect = effectOf(entriesOf(inForce.items), Math.floor((last?.minute ?? 0) / (60 * MINUTE_MS)));
      const count = (verdict: string) => inForce.items.filter((row) => row.verdict === verdict).length;
      const [useful, noise] = [count('useful'), count('noise')];
      return {
        items: asked.items.map(shown),
        next_cursor: asked.next,
        useful_share: useful + noise === 0 ? null : useful / (useful + noise),
        pattern_factor: Number(effect.patternFactor.toFixed(3)),
        effects: shownEffects(effect),
      };
    },
  };
}

/** Why the level of an anomaly cannot be taken as normal; null when it can. That all traffic is missing is never normal. */
function obstacle(anomaly: Anomaly): 'not_open' | 'absence' | null {
  if (anomaly.status !== 'open') return 'not_open';
  return isAbsenceType(anomaly.type) && judgedRows(anomaly).kind === 'fleet' ? 'absence' : null;
}

function rowOf(notice: FeedbackNotice, { verdict, comment, anomaly }: NonNullable<FeedbackNotice['given']>): FeedbackRow {
  const { number, by: given_by, at: given_at, minute } = notice;
  const ended = { ended_number: null, ended_how: null, ended_by: null, ended_at: null, ended_minute: null };
  return {
    number,
    anomaly_id: anomaly.id,
    given_by,
    verdict,
    comment,
    node: judgedKeys(notice.given).node,
    anomaly,
    given_at,
    minute,
    ...ended,
  };
}

/** A verdict as an audit row names it. */
const auditOf = ({ number, verdict, comment }: FeedbackRow): Record<string, unknown> => ({ number, verdict, comment });

/** The entries that the detector makes of these rows, in order of their numbers. */
function entriesOf(rows: readonly FeedbackRow[]): VerdictEntry[] {
  return rows.toReversed().flatMap(({ number, minute, given_at: at, given_by: by, verdict, comment, anomaly }) => {
    const entry = verdictEntryOf({
      v: 1,
      kind: 'feedback',
      number,
      minute,
      at,
      by,
      ends: [],
      how: null,
      given: { verdict, comment, anomaly },
    });
    return entry === null ? [] : [entry];
  });
}

function viewOf(row: FeedbackRow): Omit<Feedback, 'by_name'> {
  const { ended_how: how, ended_by: by, ended_at: at } = row;
  return {
    number: row.number,
    anomaly_id: row.anomaly_id,
    anomaly_type: row.anomaly.type,
    node: row.node,
    verdict: row.verdict,
    by: row.given_by,
    comment: row.comment,
    given_at: new Date(row.given_at).toISOString(),
    minute: new Date(row.minute).toISOString(),
    in_force: row.ended_number === null,
    ended: how === null || by === null || at === null ? null : { how, by, at: new Date(at).toISOString() },
  };
}
