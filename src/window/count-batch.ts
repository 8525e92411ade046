import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { toDeadLetter } from '../bus/dead-letter.ts';
import type { BusRecord } from '../bus/bus.ts';
import type { RawTransactions } from '../raw/raw-transactions.ts';
import type { Sql } from '../store/database.ts';
import { addMinuteCounts } from '../store/verbs/minute/add-minute-counts.ts';
import type { PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../store/verbs/log/commit-offset.ts';
import { enqueueOutbox, type OutboxMessage } from '../store/verbs/outbox/enqueue-outbox.ts';
import { addMinuteSlices } from '../store/verbs/minute/minute-slices.ts';
import { addSegments } from '../store/verbs/window/window-segments.ts';
import type { Decoded, Undecodable } from './decode.ts';
import { cutSegments, type Segment, type SegmentRules } from './segment.ts';
import { writeSegments } from './segment-json.ts';
import { changesOf } from './tally.ts';
import { splitCanaries } from './canaries.ts';

/** Why a record with a known id and other content is a dead letter. */
const CONFLICT = 'id: was already used with other content';

/** What a committed batch did, for metrics. */
export interface Counted {
  readonly byStatus: ReadonlyMap<string, number>;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** What was stored for the closer, with the id of its row; null when nothing was. */
  readonly stored: { readonly id: number; readonly segments: Segment[] } | null;
}

/** What the counter of a partition goes on from. `mark`: newest event time that is counted, null before the first record. */
export interface PartitionState {
  mark: number | null;
}

/** A batch of one partition, decoded. */
export interface PartitionBatch {
  readonly claim: PartitionClaim;
  readonly decoded: Decoded;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly nowMs: number;
}

/** What counting a batch goes by. */
export interface CountDeps {
  readonly raw: RawTransactions;
  readonly rules: SegmentRules;
}

/** Counts a decoded batch inside a transaction: rows, minute counts, segments for the closer, the partition's own event time and
 *  the offset together. `state` is changed in place, so it must be read again when the transaction does not commit. */
export async function countBatch(tx: Sql, state: PartitionState, { raw, rules }: CountDeps, batch: PartitionBatch): Promise<Counted> {
  const { claim, nowMs } = batch;
  const { decoded, canaries } = splitCanaries(batch.decoded);
  const news = await raw.admit(tx, { partition: claim.partition, ...decoded });
  const segments = cutSegments(news.records, decoded.traces, state.mark, rules);
  // What counts as its place in the stream is the newest record before it; before the first one there is none.
  const reached = segments.at(-1)?.mark ?? state.mark;
  if (canaries.length > 0 && reached !== null) segments.push({ mark: reached, live: null, arrivals: [], minutes: [], canaries });
  const tallies = segments.flatMap(({ minutes }) => minutes);
  const changes = changesOf(tallies);
  await addMinuteCounts(tx, changes);
  await addMinuteSlices(tx, changes);
  let stored: Counted['stored'] = null;
  const mark = segments.at(-1)?.mark;
  if (mark !== undefined) {
    const lastMinute = tallies.reduce((last, { minute }) => Math.max(last, minute), Number.MIN_SAFE_INTEGER);
    const id = await addSegments(tx, {
      partition: claim.partition,
      firstOffset: batch.firstOffset,
      lastMinute,
      data: writeSegments(segments),
      maxEventAt: mark,
    });
    state.mark = mark;
    stored = { id, segments };
  }
  const dead = [...decoded.bad, ...news.conflicts.map((record) => ({ record, reason: CONFLICT }))];
  await enqueueOutbox(
    tx,
    dead.map((one) => toMessage(claim, one, nowMs)),
  );
  await commitOffset(tx, claim, batch.nextOffset);
  return { byStatus: sumByStatus(news.records), duplicates: news.duplicates, deadLetters: dead.length, stored };
}

/** Gives a single record up, inside a transaction: dead letter and offset. */
export async function deadLetterRecord(
  tx: Sql,
  raw: RawTransactions,
  args: { readonly claim: PartitionClaim; readonly record: BusRecord; readonly reason: string; readonly nowMs: number },
): Promise<void> {
  await raw.giveUp(tx, args.claim.partition, args.record);
  await enqueueOutbox(tx, [toMessage(args.claim, args, args.nowMs)]);
  await commitOffset(tx, args.claim, args.record.offset + 1);
}

function sumByStatus(records: readonly InboundRecord[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const record of records) {
    if (record.kind === 'transaction' && record.status !== '') sums.set(record.status, (sums.get(record.status) ?? 0) + record.count);
  }
  return sums;
}

function toMessage(claim: PartitionClaim, dead: Undecodable, nowMs: number): OutboxMessage {
  const { topic, partition, group } = claim;
  return {
    topic: TOPICS.dead,
    key: dead.record.key,
    headers: dead.record.headers,
    value: JSON.stringify(toDeadLetter({ topic, partition, group, failedAt: nowMs }, dead.record, dead.reason)),
  };
}
