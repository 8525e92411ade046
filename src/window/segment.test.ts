import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { cutSegments, type Segment } from './segment.ts';
import { readSegments, writeSegments } from './segment-json.ts';
import { emptyStream, takeSegment, type StreamRules } from './stream.ts';
import { cellsOf, withSlices } from './tally.ts';
import { at, heartbeat, NOON, transaction } from './test-records.ts';

const RULES: StreamRules = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 60, liveWithinMs: 600_000 };
const NO_TRACES = new Map();

const streams = fc
  .array(
    fc.record({ step: fc.integer({ min: 0, max: 90 }), kind: fc.integer({ min: 0, max: 9 }), back: fc.integer({ min: 0, max: 400 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((steps) => {
    let time = NOON;
    return steps.map(({ step, kind, back }, index): InboundRecord => {
      time += step * 1000;
      const occurred = time - back * 1000;
      if (kind === 1) return heartbeat(occurred, { ingested_at: time, backfill: step > 80, ...(step === 90 ? { incomplete: true } : {}) });
      return transaction(occurred, {
        ...{ id: `s-${index}`, ingested_at: time, count: kind === 2 ? 0 : kind, amount: kind / 10, merchant_id: `m-${kind % 2}` },
        ...{ backfill: kind === 4, status: kind === 3 ? '' : 'approved' },
        ...(kind > 4 ? { payment_method: `p-${kind % 3}`, currency: kind === 7 ? 'USD' : 'BRL', card_bin: '411111' } : {}),
      });
    });
  });

/** What closes and what is late, with its counts, in order. */
function walk(segments: readonly Segment[]): unknown[] {
  const state = emptyStream();
  const seen: unknown[] = [];
  for (const segment of segments) {
    takeSegment(state, RULES, segment, {
      close: (tally) =>
        void seen.push(['close', tally.minute, tally.total, tally.isAlive, tally.isHistory, cellsOf(tally), withSlices(tally)]),
      late: (tally) => {
        for (const cell of cellsOf(tally)) seen.push(['late', tally.minute, cell]);
      },
    });
  }
  return [seen.filter((one) => (one as unknown[])[0] === 'close'), sumLate(seen), state.watermark, state.lastClosed, state.maxLiveEventAt];
}

/** Late cells of one minute may come in one piece or in several. */
function sumLate(seen: readonly unknown[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [kind, minute, cell] of seen as [string, number, { count: number; merchant_id: string; status: string }][]) {
    if (kind !== 'late') continue;
    const key = `${minute} ${cell.merchant_id} ${cell.status}`;
    sums[key] = (sums[key] ?? 0) + cell.count;
  }
  return sums;
}

test('segments, stored and read again, do to a stream what their records do one by one, wherever batches end', () => {
  fc.assert(
    fc.property(streams, fc.integer({ min: 1, max: 20 }), (records, size) => {
      const single: Segment[] = [];
      const batched: Segment[] = [];
      for (const record of records) single.push(...cutSegments([record], NO_TRACES, single.at(-1)?.mark ?? null, RULES));
      for (let from = 0; from < records.length; from += size)
        batched.push(...cutSegments(records.slice(from, from + size), NO_TRACES, batched.at(-1)?.mark ?? null, RULES));
      const stored = readSegments(writeSegments(batched));
      const expected = walk(single);
      assert.deepEqual(walk(cutSegments(records, NO_TRACES, null, RULES)), expected);
      assert.deepEqual(walk(stored), expected);
    }),
    { numRuns: 1000 },
  );
});

test('a batch of one minute is one segment, and each crossing of a minute ends one', () => {
  const cut = (...times: number[]) =>
    cutSegments(
      times.map((time) => transaction(time)),
      NO_TRACES,
      null,
      RULES,
    ).map(({ mark, minutes }) => [(mark - NOON) / 60_000, minutes.length]);
  assert.deepEqual(cut(at(0), at(0, 10), at(0, 20)), [
    [0, 1],
    [20 / 60, 1],
  ]);
  assert.deepEqual(cut(at(0), at(0, 29), at(0, 30), at(0, 50)), [
    [0, 1],
    [0.5, 1],
    [50 / 60, 1],
  ]);
});
