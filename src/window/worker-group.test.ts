import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { openEmbeddedBus } from '../bus/embedded/embedded.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { until } from '../test-until.ts';
import { at, manualClock, NOON, transaction } from './test-records.ts';
import { createWindowWorker, WINDOW_GROUP, type WindowWorker } from './worker.ts';

const PARTITIONS = 4;

let dir = '';
let bus: Bus;
let database: Database;
let warned: string[] = [];
let stops: (() => Promise<void>)[] = [];
const clock = manualClock(NOON);

beforeEach(async () => {
  clock.set(NOON);
  dir = mkdtempSync(join(tmpdir(), 'guardian-window-group-'));
  const partitions = { [TOPICS.transactions]: PARTITIONS };
  bus = await openEmbeddedBus({ dir, partitions, retention: { hours: 24, bytes: 1e9 }, clock, log: silentLog, writer: 'inline' });
  database = await openTestDatabase();
  warned = [];
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await bus.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(owner: string, closesEarly = false): Promise<WindowWorker> {
  const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
  const worker = createWindowWorker(
    { bus, database, raw: createRawRows(database), clock, log, metrics: new Registry() },
    { owner, closesEarly, lateMs: 90_000, maxGapMinutes: 60, liveWithinMs: 600_000, maxRecords: 100, tickMs: 10 },
  );
  await worker.start();
  stops.push(() => worker.stop());
  return worker;
}

let published = 0;

/** Publishes `count` transactions of 40 merchants, two in a second of event time. */
async function accept(count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => {
    const merchant = `m-${(published + index) % 40}`;
    return { key: merchant, value: Buffer.from(JSON.stringify(transaction(at(0, (published + index) / 2), { merchant_id: merchant }))) };
  });
  published += count;
  await bus.publish(TOPICS.transactions, records);
}

/** Waits until every accepted record is counted; returns how long that took, in milliseconds. */
async function drained(): Promise<number> {
  const began = performance.now();
  const ends = await bus.ranges(TOPICS.transactions);
  await until(async () => {
    const offsets = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
    return ends.every(({ partition, next }) => (offsets.get(partition) ?? 0) >= next);
  }, 'every record is counted');
  return performance.now() - began;
}

async function counted(): Promise<{ rows: number; minutes: number }> {
  const [sums] = await database.query<{ rows: number; minutes: number }>(
    'select (select count(*) from transaction) as rows, (select sum(count) from minute_count)::bigint as minutes',
  );
  return { rows: Number(sums?.rows), minutes: Number(sums?.minutes) };
}

async function feed(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await accept(50);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const workers of [1, 2, 3]) {
  test(`${workers} workers of one group count everything once, and none holds another up`, async (t) => {
    published = 0;
    await accept(500);
    for (let index = 0; index < workers; index += 1) await start(`worker-${index}`);
    await feed(60);
    const ms = await drained();
    t.diagnostic(`${workers} workers: drained ${ms.toFixed(0)} ms after the last publish, ${warned.length} failures`);
    assert.deepEqual(await counted(), { rows: published, minutes: published });
    // A rebalance may fence the batch that a member had in hand, once; a livelock fences for ever.
    assert.ok(warned.length <= workers, `${warned.length} failures: ${warned[0]}`);
  });
}

test('workers that join, leave and come back in the middle of the work lose nothing and count nothing twice', async () => {
  published = 0;
  await accept(1000);
  const first = await start('first');
  const second = await start('second');
  await feed(10);
  await second.stop();
  const third = await start('third');
  await feed(10);
  await first.stop();
  await start('fourth');
  await feed(10);
  await third.stop();
  await drained();
  assert.deepEqual(await counted(), { rows: published, minutes: published });
  assert.ok(warned.length <= 6, `${warned.length} failures: ${warned[0]}`);
});

async function closedMinutes(): Promise<string[]> {
  const rows = await database.query<{ minute: number; total: number }>(
    'select minute, total from minute where closed_at is not null order by minute',
  );
  return rows.map(({ minute, total }) => `${(minute - NOON) / 60_000}:${total}`);
}

async function untilClosed(expected: readonly string[]): Promise<void> {
  await until(async () => (await closedMinutes()).length >= expected.length, `closed minutes ${expected.join(' ')}`);
  assert.deepEqual(await closedMinutes(), expected);
}

/** One prompt record of each of `merchants` merchants, a second before the end of the minute. */
async function sendMinute(minute: number, merchants: number): Promise<void> {
  clock.set(at(minute, 59));
  const records = Array.from({ length: merchants }, (_, index) => ({
    key: `m-${index}`,
    value: Buffer.from(JSON.stringify(transaction(at(minute, 58), { merchant_id: `m-${index}`, count: 50 }))),
  }));
  await bus.publish(TOPICS.transactions, records);
}

for (const workers of [1, 2]) {
  test(`a live minute of ${PARTITIONS} partitions closes as soon as its records have usually come, with ${workers} workers`, async () => {
    for (let index = 0; index < workers; index += 1) await start(`worker-${index}`, true);
    for (let minute = 0; minute < 15; minute += 1) {
      await sendMinute(minute, 16);
      await drained();
    }
    // Two seconds after the end of the minute, and not 90.
    clock.set(at(15, 3));
    await untilClosed(Array.from({ length: 15 }, (_, minute) => `${minute}:800`));
  });
}

test('a partition without records, and one that has fallen silent, do not hold the watermark', async () => {
  clock.set(at(0, 1));
  await start('one');
  await start('two');
  for (let minute = 0; minute < 6; minute += 1) {
    // All merchants in the first minute, then one alone.
    await sendMinute(minute, minute === 0 ? 16 : 1);
    await drained();
  }
  await untilClosed(['0:800', '1:50', '2:50', '3:50']);
  clock.set(at(8, 31));
  await untilClosed(['0:800', '1:50', '2:50', '3:50', '4:50', '5:50', '6:0']);
});
