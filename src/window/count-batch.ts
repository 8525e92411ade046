import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { toDeadLetter } from '../bus/dead-letter.ts';
import { MAX_RECORD_BYTES, type BusRecord } from '../bus/bus.ts';
import type { Sql } from '../store/database.ts';
import { addMinuteCounts } from '../store/verbs/add-minute-counts.ts';
import type { PartitionClaim } from '../store/verbs/claim-partition.ts';
import { commitOffset } from '../store/verbs/commit-offset.ts';
import { enqueueOutbox, type OutboxMessage } from '../store/verbs/enqueue-outbox.ts';
import { addMinuteSlices } from '../store/verbs/minute-slices.ts';
import { writeMinutes, type MinuteRecord } from '../store/verbs/write-minutes.ts';
import { joinTraces, jsonHeaders, type Trace } from '../record-headers.ts';
import { correctMinutes } from './correct.ts';
import type { Decoded, Undecodable } from './decode.ts';
import { fitText } from './fit-cells.ts';
import { saveState, type CountingState } from './load-state.ts';
import { storeNew } from './store-new.ts';
import { takeRecord, takeTime, type StreamEvents, type StreamRules } from './stream.ts';
import {
  addHeartbeat,
  addTransaction,
  cellsOf,
  createTally,
  joinChanges,
  stateOf,
  takeChanges,
  withSlices,
  type MinuteTally,
} from './tally.ts';

/** What a committed batch did, for metrics. */
export interface Counted {
  readonly byStatus: ReadonlyMap<string, number>;
  readonly duplicates: number;
  readonly lateRecords: number;
  readonly deadLetters: number;
  readonly closed: readonly ClosedWindow['state'][];
  readonly messages: number;
}

/** Counts a decoded batch inside a transaction: rows, minute counts, windows and offset together. `state` is changed in
 *  place, so it must be read again when the transaction does not commit. */
export async function countBatch(
  tx: Sql,
  state: CountingState,
  rules: StreamRules,
  batch: { readonly claim: PartitionClaim; readonly decoded: Decoded; readonly nextOffset: number; readonly nowMs: number },
): Promise<Counted> {
  const { claim, decoded, nowMs } = batch;
  const news = await storeNew(tx, decoded, state);
  const work = createWork(state, nowMs, decoded.traces);
  for (const record of news.records) takeRecord(state.stream, rules, record, work.events);
  const dead = [...decoded.bad, ...news.conflicts];
  const letters = dead.map((one) => toMessage(claim, one, nowMs));
  const messages = await work.store(tx, letters);
  await commitOffset(tx, claim, batch.nextOffset);
  return {
    byStatus: sumByStatus(news.records),
    duplicates: news.duplicates,
    lateRecords: work.lateRecords(),
    deadLetters: dead.length,
    closed: work.closed,
    messages,
  };
}

/** Lets the clock close minutes of a live stream, inside a transaction. */
export async function countTime(tx: Sql, state: CountingState, rules: StreamRules, nowMs: number): Promise<Counted> {
  const work = createWork(state, nowMs, new Map());
  takeTime(state.stream, rules, nowMs, work.events);
  const messages = await work.store(tx, []);
  return { byStatus: new Map(), duplicates: 0, lateRecords: 0, deadLetters: 0, closed: work.closed, messages };
}

/** Gives a single record up, inside a transaction: dead letter and offset. */
export async function buryRecord(
  tx: Sql,
  args: { readonly claim: PartitionClaim; readonly record: BusRecord; readonly reason: string; readonly nowMs: number },
): Promise<void> {
  await enqueueOutbox(tx, [toMessage(args.claim, args, args.nowMs)]);
  await commitOffset(tx, args.claim, args.record.offset + 1);
}

/** Collects what a walk over records does to the minutes, and stores it. */
function createWork(state: CountingState, nowMs: number, traces: Decoded['traces']) {
  const closedRows: MinuteRecord[] = [];
  const closed: MinuteRecord['state'][] = [];
  const windows: OutboxMessage[] = [];
  const ended: MinuteTally[] = [];
  const late = new Map<number, MinuteTally>();
  let lateRecords = 0;
  const send = (window: Omit<ClosedWindow, 'sequence'>, trace: Trace | null | undefined): void => {
    state.sequence += 1;
    const value = fitText({ ...window, sequence: state.sequence }, MAX_RECORD_BYTES);
    windows.push({ topic: TOPICS.windows, key: '', value, headers: jsonHeaders(trace) });
  };
  const events: StreamEvents = {
    close(tally) {
      const row = toRow(tally, nowMs);
      closedRows.push(row);
      closed.push(row.state);
      ended.push(tally);
      send(
        {
          v: 1,
          minute: tally.minute,
          revision: 0,
          state: row.state,
          cells: cellsOf(tally),
          ...withSlices(tally),
          late: 0,
          backfill: tally.isHistory,
          closed_at: nowMs,
        },
        tally.trace,
      );
    },
    late(record, minute) {
      lateRecords += 1;
      const tally = late.get(minute) ?? createTally(minute);
      late.set(minute, tally);
      tally.trace = joinTraces(tally.trace, traces.get(record));
      takeLate(tally, record);
    },
    traceOf: (record) => traces.get(record),
  };
  const store = async (tx: Sql, letters: readonly OutboxMessage[]): Promise<number> => {
    const open = [...state.stream.open.values()];
    const lateTallies = [...late.values()];
    const inTime = [...ended, ...open].flatMap((tally) => takeChanges(tally, false));
    const changes = joinChanges(
      inTime,
      lateTallies.flatMap((tally) => takeChanges(tally, true)),
    );
    await addMinuteCounts(tx, changes);
    await addMinuteSlices(tx, changes);
    await writeMinutes(tx, [...closedRows, ...open.map((tally) => toRow(tally, null))]);
    const corrections = await correctMinutes(tx, lateTallies, nowMs);
    await writeMinutes(
      tx,
      corrections.map(({ row }) => row),
    );
    for (const { window, trace } of corrections) send(window, trace);
    const messages = [...windows, ...letters];
    await enqueueOutbox(tx, messages);
    await saveState(tx, state);
    return messages.length;
  };
  return { events, closed, store, lateRecords: () => lateRecords };
}

function takeLate(tally: MinuteTally, record: InboundRecord): void {
  if (record.kind === 'transaction') addTransaction(tally, record);
  else addHeartbeat(tally, record);
}

function toRow(tally: MinuteTally, closedAt: number | null): MinuteRecord {
  const { minute, total, isHistory, isAlive, isObserved } = tally;
  return {
    minute,
    state: stateOf(tally),
    total,
    revision: 0,
    late: 0,
    backfill: isHistory,
    alive: isAlive,
    observed: isObserved,
    closed_at: closedAt,
  };
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
