import { join } from 'node:path';
import { pino } from 'pino';
import { createFleetMinutes } from '../src/read/fleet-minutes.ts';
import { createMerchantReader } from '../src/read/merchant-reader.ts';
import { parseNode, readSeries } from '../src/read/series-reader.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite } from '../src/store/pglite/open-pglite.ts';
import { inTemporaryDirectory, type BenchContext, type BenchResult } from './bench.ts';
import { fillMinutes } from './store/fill-minutes.ts';

const START = 1_772_366_400_000;

/** What the console reads of a large company: a day of every merchant, two rows a minute each. */
export function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const merchants = quick ? 1000 : 10_000;
  const minutes = quick ? 120 : 1440;
  return inTemporaryDirectory(async (directory) => {
    const log = pino({ level: 'silent' });
    const database = await openPglite({ dir: join(directory, 'database'), log, clock: systemClock });
    try {
      await migrate({ database, log, clock: systemClock });
      const started = performance.now();
      await fillMinutes(database, { from: START, minutes, merchants });
      const filled = performance.now() - started;
      return await measure(database, { merchants, minutes, filled });
    } finally {
      await database.close();
    }
  });
}

interface Size {
  readonly merchants: number;
  readonly minutes: number;
  /** How long it took to make, ms. */
  readonly filled: number;
}

async function measure(database: Database, { merchants, minutes, filled }: Size): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  const last = START + (minutes - 1) * MINUTE_MS;
  const range = { from: START, to: last + MINUTE_MS };
  const time = async (name: string, read: () => Promise<readonly unknown[]>, details: BenchResult['details'] = {}): Promise<void> => {
    const started = performance.now();
    const { length } = await read();
    if (length === 0) throw new Error(`${name}: nothing was read`);
    results.push({ name, value: performance.now() - started, unit: 'ms', better: 'lower', details: { rows: length, ...details } });
  };
  for (const node of ['fleet', 'status:denied', 'acquirer:acq-1', 'auth_code:51', 'merchant:m-00042']) {
    const slice = parseNode(node) ?? {};
    await time(`chart of ${node}, ${minutes} minutes`, () => readSeries(database, createFleetMinutes(database), node, slice, range));
  }
  let now = 0;
  let lastMinute = last - MINUTE_MS;
  const clock = { now: () => now, monotonic: () => now };
  const reader = createMerchantReader(database, { time: async () => ({ state: 'live', now: 0, lastMinute }) }, clock);
  await time('merchants of an hour, first time', () => reader.read(1000), { merchants, 'seconds to fill': filled / 1000 });
  now += 5000;
  await time('merchants of an hour, again', () => reader.read(1000));
  now += 5000;
  lastMinute = last;
  await time('merchants of an hour, a minute later', () => reader.read(1000));
  return results;
}
