import type { CanaryNotice } from '@transaction-guardian/contracts/canary.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { MAX_RECORD_BYTES } from '../bus/bus.ts';
import { JSON_HEADERS, jsonHeaders, type Trace } from '../topic/record-headers.ts';
import type { Sql } from '../store/database.ts';
import { addLateCounts } from '../store/verbs/minute/add-minute-counts.ts';
import { enqueueOutbox, type OutboxMessage } from '../store/verbs/outbox/enqueue-outbox.ts';
import { merchantCountsOf } from '../store/verbs/minute/count-merchants.ts';
import { writeMerchantMinutes, type MerchantMinute } from '../store/verbs/minute/merchant-minutes.ts';
import { writeMinutes, type MinuteRecord } from '../store/verbs/minute/write-minutes.ts';
import type { CloserState } from './close-state.ts';
import { correctMinutes } from './correct.ts';
import { fittingText } from './fit-cells.ts';
import type { CountingEvents } from './stream.ts';
import { cellsOf, changesOf, mergeTally, minuteStateOf, withSlices, type MinuteTally } from './tally.ts';

/** What a walk over segments does to the minutes. */
export interface CloseWork {
  readonly events: CountingEvents;
  readonly closed: MinuteRecord['state'][];
  /** A test transaction of the program that was accepted at `sentAt` (epoch milliseconds) is merged. */
  passCanary(sentAt: number): void;
  lateRecords(): number;
  /** Stores minutes, corrections and windows, inside the transaction. Returns how many windows it sent. */
  store(tx: Sql): Promise<number>;
}

const SHOWN_MINUTES = 60;

/** Collects what happens to the minutes. `nowMs`: the wall clock, the time of closing. `state.sequence` grows with each window. */
export function createCloseWork(state: CloserState, nowMs: number): CloseWork {
  const closedRows: MinuteRecord[] = [];
  const closed: MinuteRecord['state'][] = [];
  const windows: OutboxMessage[] = [];
  const late = new Map<number, MinuteTally>();
  const merchants: MerchantMinute[] = [];
  let lateRecords = 0;

  function send(window: Omit<ClosedWindow, 'sequence'>, trace: Trace | null | undefined): void {
    state.sequence += 1;
    const value = fittingText({ ...window, sequence: state.sequence }, MAX_RECORD_BYTES);
    windows.push({ topic: TOPICS.windows, key: '', value, headers: jsonHeaders(trace) });
  }

  return {
    events: {
      close(tally) {
        const row = toRow(tally, nowMs);
        closedRows.push(row);
        closed.push(row.state);
        if (row.total > 0) merchants.push({ minute: row.minute, revision: row.revision, counts: merchantCountsOf(tally.cells.values()) });
        // History closes minutes by the thousand, and the screens show the newest hour.
        if (merchants.length > SHOWN_MINUTES) merchants.shift();
        send(toWindow(tally, row, nowMs), tally.trace);
      },
      late(tally) {
        lateRecords += tally.records;
        const known = late.get(tally.minute);
        if (known === undefined) late.set(tally.minute, tally);
        else mergeTally(known, tally);
      },
    },
    closed,
    passCanary(sentAt) {
      const notice: CanaryNotice = { v: 1, kind: 'canary', sent_at: sentAt };
      windows.push({ topic: TOPICS.windows, key: '', value: JSON.stringify(notice), headers: JSON_HEADERS });
    },
    lateRecords: () => lateRecords,
    async store(tx) {
      const lateTallies = [...late.values()];
      await addLateCounts(tx, changesOf(lateTallies));
      await writeMinutes(tx, [...closedRows, ...[...state.stream.open.values()].map((tally) => toRow(tally, null))]);
      await writeMerchantMinutes(tx, merchants);
      const corrections = await correctMinutes(tx, lateTallies, nowMs);
      await writeMinutes(
        tx,
        corrections.map(({ row }) => row),
      );
      for (const { window, trace } of corrections) send(window, trace);
      await enqueueOutbox(tx, windows);
      return windows.length;
    },
  };
}

function toWindow(tally: MinuteTally, row: MinuteRecord, nowMs: number): Omit<ClosedWindow, 'sequence'> {
  const { minute, isHistory } = tally;
  const counts = { cells: cellsOf(tally), ...withSlices(tally) };
  return { v: 1, minute, revision: 0, state: row.state, ...counts, late: 0, backfill: isHistory, closed_at: nowMs };
}

function toRow(tally: MinuteTally, closedAt: number | null): MinuteRecord {
  const { minute, total, isHistory, isAlive, isObserved } = tally;
  return {
    minute,
    state: minuteStateOf(tally),
    total,
    revision: 0,
    late: 0,
    backfill: isHistory,
    alive: isAlive,
    observed: isObserved,
    closed_at: closedAt,
  };
}
