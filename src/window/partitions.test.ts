import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Bus } from '../bus/bus.ts';
import { openEmbeddedBus } from '../bus/embedded/embedded.ts';
import { minuteOf } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database, Sql } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { readUnmerged } from '../store/verbs/window/window-segments.ts';
import { until } from '../test-until.ts';
import { at, heartbeat, manualClock, transaction, windowsOf } from './test-records.ts';
import { createWindowWorker, WINDOW_GROUP, type WindowWorker } from './worker.ts';
import { seededNumbers } from '../detect/forest/random.ts';

const MERCHANTS = 12;
/** Long after the stream: its clock closes nothing, so that the records alone decide. */
const CLOCK = manualClock(at(20_000));

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

type Trouble = 'none' | 'restarts' | 'kills';

for (const seed of [1, 2, 3]) {
  const stream = randomStream(seed);
  for (const partitions of [1, 2, 4, 8]) {
    for (const workers of [1, 2, 4]) {
      // Every pair of partitions and workers meets every trouble, over the seeds.
      const trouble = (['none', 'restarts', 'kills'] as const)[(seed + partitions + workers) % 3] ?? 'none';
      test(`stream ${seed}, ${partitions} partitions, ${workers} workers, ${trouble}: the minutes are those of the records`, async () => {
        assert.deepEqual(await run(stream, { partitions, workers, trouble, seed }), expectedOf(stream));
      });
    }
  }
}

/** Seeds that are neighbours begin far from each other. */
function randomOf(seed: number): () => number {
  return seededNumbers(seed * 2_654_435_761).next;
}

/** Out of order within a minute, one record in ten much later than its minute, some heartbeats and some counts of zero. */
function randomStream(seed: number): InboundRecord[] {
  const random = randomOf(seed);
  const first = Array.from({ length: MERCHANTS }, (_, index) =>
    transaction(at(0), { id: `${seed}-first-${index}`, merchant_id: `m-${index}` }),
  );
  let time = at(0);
  const rest = Array.from({ length: 240 }, (_, index): InboundRecord => {
    time += Math.floor(random() * (random() < 0.05 ? 240_000 : 20_000));
    const isLate = random() < 0.1;
    const occurred = Math.max(at(0), time - Math.floor(random() * (isLate ? 1_200_000 : 60_000)));
    if (random() < 0.05) return heartbeat(occurred, { ingested_at: time, source: `m-${index % MERCHANTS}` });
    return transaction(occurred, {
      ...{ id: `${seed}-${index}`, ingested_at: time, count: Math.floor(random() * 5), amount: index / 10 },
      ...{ merchant_id: `m-${Math.floor(random() * MERCHANTS)}`, status: random() < 0.2 ? 'denied' : 'approved' },
      ...(random() < 0.5 ? { payment_method: 'credit', card_bin: '411111' } : {}),
    });
  });
  // One far ahead closes every minute of the others, wherever it is counted.
  return [...first, ...rest, transaction(time + 600_000, { id: `${seed}-last`, ingested_at: time + 600_000, merchant_id: 'm-0' })];
}

interface Outcome {
  /** Counts of each minute by merchant and status. */
  readonly counts: Readonly<Record<string, number>>;
  readonly minutes: readonly string[];
  /** What the last window of each closed minute says. */
  readonly told: Readonly<Record<string, number>>;
}

/** What must come out, from the records alone. */
function expectedOf(stream: readonly InboundRecord[]): Outcome {
  const counts: Record<string, number> = {};
  const totals = new Map<number, number>();
  const alive = new Set<number>();
  for (const record of stream) {
    const minute = minuteOf(record.occurred_at);
    if (record.kind === 'heartbeat' || record.count === 0) {
      alive.add(minute);
      continue;
    }
    const cell = `${minute} ${record.merchant_id ?? ''} ${record.status}`;
    counts[cell] = (counts[cell] ?? 0) + record.count;
    totals.set(minute, (totals.get(minute) ?? 0) + record.count);
  }
  const last = minuteOf(stream.at(-1)?.occurred_at ?? 0);
  const closedTo = minuteOf((stream.at(-1)?.occurred_at ?? 0) - 90_000);
  const minutes: string[] = [];
  const told: Record<string, number> = {};
  for (let minute = at(0); minute < closedTo; minute += 60_000) {
    const total = totals.get(minute) ?? 0;
    const quiet = alive.has(minute) ? 'zero' : 'silent';
    minutes.push(`${minute} ${total > 0 ? 'observed' : quiet} ${total} closed`);
    told[minute] = total;
  }
  minutes.push(`${last} observed ${totals.get(last)} open`);
  return { counts, minutes, told };
}

interface Case {
  readonly partitions: number;
  readonly workers: number;
  readonly trouble: Trouble;
  readonly seed: number;
}

async function run(stream: readonly InboundRecord[], { partitions, workers, trouble, seed }: Case): Promise<Outcome> {
  await database.exec(
    `truncate transaction, transaction_key, minute_count, minute_slice, minute, merchant_minute, consumer_offset, outbox, window_partition, window_segment, window_merge;
     delete from window_closer; insert into window_closer default values`,
  );
  const dir = mkdtempSync(join(tmpdir(), 'guardian-partitions-'));
  const limits = { partitions: { [TOPICS.transactions]: partitions }, retention: { hours: 24, bytes: 1e9 } };
  const bus = await openEmbeddedBus({ dir, ...limits, clock: CLOCK, log: silentLog, writer: 'inline' });
  const random = randomOf(seed * 31 + partitions * 7 + workers);
  let running: WindowWorker[] = [];
  try {
    for (let index = 0; index < workers; index += 1) running.push(await start(bus, database, `w-${index}`));
    for (let from = 0, round = 0; from < stream.length; round += 1) {
      const size = 1 + Math.floor(random() * 40);
      await publish(bus, stream.slice(from, from + size));
      from += size;
      if (trouble === 'none' || round % 2 === 0) continue;
      const [first, ...others] = running;
      await first?.stop();
      if (trouble === 'kills') await dieAt(bus, Math.floor(random() * 25));
      running = [...others, await start(bus, database, `w-${round}-again`)];
    }
    await settled(bus);
    return await outcome();
  } finally {
    for (const worker of running) await worker.stop();
    await bus.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function start(bus: Bus, on: Database, owner: string): Promise<WindowWorker> {
  const worker = createWindowWorker(
    { bus, database: on, raw: createRawRows(on), clock: CLOCK, log: silentLog, metrics: new Registry() },
    { owner, lateMs: 90_000, maxGapMinutes: 60, liveWithinMs: 600_000, maxRecords: 9, tickMs: 5, retryMs: 2, maxRetryMs: 10 },
  );
  await worker.start();
  return worker;
}

/** A worker that dies at its n-th statement: nothing of the transaction in hand is there, and it does nothing any more. */
async function dieAt(bus: Bus, n: number): Promise<void> {
  let statements = 0;
  const died = Promise.withResolvers<void>();
  const step = (): void => {
    statements += 1;
    if (statements <= n) return;
    died.resolve();
    throw new GuardianError('STORE_UNAVAILABLE', 'killed', { retryable: true });
  };
  const dying: Database = {
    ...database,
    query: async (text, params) => {
      step();
      return database.query(text, params);
    },
    transaction: (work) =>
      database.transaction(async (tx) => {
        const mortal: Sql = {
          ...tx,
          query: async (text, params) => {
            step();
            return tx.query(text, params);
          },
        };
        const result = await work(mortal);
        step();
        return result;
      }),
  };
  const worker = await start(bus, dying, `dying-${n}`);
  // One that was given no partition never gets that far.
  await Promise.race([died.promise, new Promise((resolve) => setTimeout(resolve, 200))]);
  await worker.stop();
}

async function publish(bus: Bus, records: readonly InboundRecord[]): Promise<void> {
  await bus.publish(
    TOPICS.transactions,
    records.map((record) => ({
      key: record.kind === 'transaction' ? (record.merchant_id ?? '') : record.source,
      value: Buffer.from(JSON.stringify(record)),
    })),
  );
}

async function settled(bus: Bus): Promise<void> {
  const ends = await bus.ranges(TOPICS.transactions);
  await until(async () => {
    const offsets = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
    const isCounted = ends.every(({ partition, next }) => (offsets.get(partition) ?? 0) >= next);
    return isCounted && (await readUnmerged(database)).size === 0;
  }, 'everything is counted and merged');
}

async function outcome(): Promise<Outcome> {
  const cells = await database.query<{ minute: number; merchant_id: string; status: string; count: number }>(
    'select minute, merchant_id, status, count from minute_count',
  );
  const rows = await database.query<{ minute: number; state: string; total: number; open: boolean }>(
    'select minute, state, total, closed_at is null as open from minute order by minute',
  );
  const windows = await windowsOf(database);
  assert.deepEqual(
    windows.map(({ sequence }) => sequence),
    windows.map((_, index) => index + 1),
  );
  const told: Record<string, number> = {};
  for (const [minute, revisions] of Map.groupBy(windows, (window) => window.minute)) {
    assert.deepEqual(
      revisions.map(({ revision }) => revision),
      revisions.map((_, index) => index),
      `each revision of ${minute} once, in order`,
    );
    told[minute] = (revisions.at(-1)?.cells ?? []).reduce((sum, { count }) => sum + count, 0);
  }
  return {
    counts: Object.fromEntries(cells.map(({ minute, merchant_id, status, count }) => [`${minute} ${merchant_id} ${status}`, count])),
    minutes: rows.map(({ minute, state, total, open }) => `${minute} ${state} ${total} ${open ? 'open' : 'closed'}`),
    told,
  };
}
