import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { PartitionRange } from '../bus/bus.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { createCloser, type Closer } from './close.ts';
import { createCounter } from './counter.ts';
import { at, claimOf, manualClock, NOON, onBus, transaction, windowsOf } from './test-records.ts';

const RULES = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 600, liveWithinMs: 600_000 };
const AHEAD = 100;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const clock = manualClock(NOON);
const claimFor = (partition: number) => ({ ...claimOf(), partition });

async function newCloser(ranges: () => PartitionRange[]): Promise<Closer> {
  const closer = createCloser({ database, clock, group: claimOf().group, ranges: async () => ranges(), committed: () => undefined }, RULES);
  await closer.claim(claimOf());
  return closer;
}

async function closedMinutes(): Promise<string[]> {
  return (await windowsOf(database)).map(
    ({ minute, revision, cells }) => `${(minute - NOON) / 60_000}/${revision}: ${cells.reduce((sum, { count }) => sum + count, 0)}`,
  );
}

test('a partition far ahead of one that is behind waits, over restarts, and both make each minute once', async () => {
  const counter = createCounter({ database, raw: createRawRows(database), clock, committed: () => undefined }, RULES);
  await claimPartition(database, claimFor(0));
  await claimPartition(database, claimFor(1));
  const offsets = [0, 0];
  const count = async (partition: number, ...records: InboundRecord[]): Promise<void> => {
    const from = offsets[partition] ?? 0;
    offsets[partition] = from + records.length;
    await counter.count(claimFor(partition), onBus(records, from));
  };
  // The log of partition 1 holds 100 records as well; it has counted those that the test has given it.
  const ranges = (): PartitionRange[] => [0, 1].map((partition) => ({ partition, earliest: 0, next: AHEAD }));
  let closer = await newCloser(ranges);
  for (let minute = 0; minute < AHEAD; minute += 1) await count(0, transaction(at(minute), { merchant_id: 'ahead' }));
  await closer.merge();
  assert.deepEqual(await closedMinutes(), [], 'partition 1 may still have records of minute 0');
  for (let minute = 0; minute < 50; minute += 1) await count(1, transaction(at(minute), { merchant_id: 'behind' }));
  closer = await newCloser(ranges);
  await closer.merge();
  // Minute 49 of partition 1 moves the watermark to 47:30.
  const both = (minutes: number): string[] => Array.from({ length: minutes }, (_, minute) => `${minute}/0: 2`);
  assert.deepEqual(await closedMinutes(), both(47));
  closer = await newCloser(ranges);
  for (let minute = 50; minute < AHEAD; minute += 1) {
    await count(1, transaction(at(minute), { merchant_id: 'behind' }));
    if (minute % 10 === 0) await closer.merge();
  }
  await closer.merge();
  assert.deepEqual(await closedMinutes(), both(97));
  const left = await database.query<{ partition: number }>('select partition from window_segment order by id');
  assert.equal(left.length, 6, 'only what the three open minutes are made of is kept');
});

/** A stream of one partition that other processes may hold records of. */
async function heldStream(t: TestContext, wallAt: number) {
  const other = await openTestDatabase();
  t.after(() => other.close());
  const wall = manualClock(wallAt);
  /** `held`: since when; `uncounted`: records on the log behind those that were taken. */
  const now: { held: number | null; uncounted: number; commits: number } = { held: null, uncounted: 0, commits: 0 };
  let count = 0;
  const counter = createCounter({ database: other, raw: createRawRows(other), clock: wall, committed: () => undefined }, RULES);
  const ranges = async (): Promise<PartitionRange[]> => [{ partition: 0, earliest: 0, next: count + now.uncounted }];
  await claimPartition(other, claimFor(0));
  return {
    wall,
    now,
    async next(): Promise<Closer> {
      const heldSince = async (): Promise<number | null> => now.held;
      const deps = { database: other, clock: wall, group: claimOf().group, ranges, heldSince, committed: () => void (now.commits += 1) };
      const made = createCloser(deps, RULES);
      await made.claim(claimOf());
      return made;
    },
    async take(closer: Closer, ...records: InboundRecord[]): Promise<void> {
      await counter.count(claimFor(0), onBus(records, count));
      count += records.length;
      await closer.merge();
    },
    windows: () => windowsOf(other),
  };
}

for (const [what, wallAhead] of [
  ['and the wall clock', 0],
  ['of history too', 10_000],
] as const)
  test(`records that are accepted and not on the log yet hold the minutes they may be of, ${what}`, async (t) => {
    const { wall, now, next, take, windows } = await heldStream(t, at(3 + wallAhead));
    const closer = await next();
    const closed = async (): Promise<string[]> =>
      (await windows()).map(({ minute, state, cells }) => `${(minute - NOON) / 60_000}: ${state} ${cells.length}`);
    for (let minute = 0; minute < 4; minute += 1) await take(closer, transaction(at(minute)));
    assert.deepEqual(await closed(), ['0: observed 1']);

    now.held = at(3 + wallAhead, 30);
    wall.set(at(9 + wallAhead));
    await closer.tick(at(9 + wallAhead));
    const known = await closed();
    assert.ok(known.length <= 2 && known.every((minute) => minute.endsWith('observed 1')), known.join());
    // One process is back before the other.
    await take(closer, transaction(at(8, 30)));
    assert.deepEqual(await closed(), known, 'what the other one holds is older');

    now.held = null;
    await take(closer, transaction(at(4)), transaction(at(5)), transaction(at(6)), transaction(at(7)));
    await closer.tick(at(12 + wallAhead));
    const minutes = await closed();
    assert.deepEqual(
      minutes.slice(0, 7),
      Array.from({ length: 7 }, (_, minute) => `${minute}: observed 1`),
    );
  });

test('during a hold the clock writes nothing, and a worker that takes over waits for what is held as the first one did', async (t) => {
  const { wall, now, next, take, windows } = await heldStream(t, at(3));
  const first = await next();
  for (let minute = 0; minute < 4; minute += 1) await take(first, transaction(at(minute)));
  await first.tick(at(3, 40));
  now.held = at(3, 45);
  await first.tick(at(3, 50));
  const before = now.commits;
  for (let minute = 4; minute < 9; minute += 1) await first.tick(at(minute));
  assert.equal(now.commits, before);

  wall.set(at(9));
  const second = await next();
  await second.tick(at(9));
  wall.set(at(10));
  // Of two processes that hold records the first one is back.
  await take(second, transaction(at(8)), transaction(at(9)));
  await second.tick(at(10));
  now.held = null;
  await take(second, ...[4, 5, 6, 7].map((minute) => transaction(at(minute))));
  await second.tick(at(12));
  assert.deepEqual((await minutesOf(windows)).slice(0, 9), OBSERVED_ONCE);
});

test('a worker that takes over while the backlog of a hold is counted waits for all of it, whoever still reports the hold', async (t) => {
  const { wall, now, next, take, windows } = await heldStream(t, at(3));
  const first = await next();
  for (let minute = 0; minute < 4; minute += 1) await take(first, transaction(at(minute)));
  now.held = at(3, 45);
  wall.set(at(9));
  // Of two processes that held records one is back; what the other one held is on the log behind it, and not counted yet.
  await take(first, transaction(at(8)));
  now.uncounted = 4;
  now.held = null;
  const second = await next();
  await take(second, transaction(at(9)));
  await second.tick(at(11));
  now.uncounted = 0;
  await take(second, ...[4, 5, 6, 7].map((minute) => transaction(at(minute))));
  await second.tick(at(12));
  assert.deepEqual((await minutesOf(windows)).slice(0, 9), OBSERVED_ONCE);
});

const OBSERVED_ONCE = Array.from({ length: 9 }, (_, minute) => `${minute}/0: observed`);

async function minutesOf(windows: () => ReturnType<typeof windowsOf>): Promise<string[]> {
  return (await windows()).map(({ minute, state, revision }) => `${(minute - NOON) / 60_000}/${revision}: ${state}`);
}
