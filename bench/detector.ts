import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { systemClock } from '../src/clock.ts';
import { createDetector } from '../src/detect/engine/create-detector.ts';
import type { Detector } from '../src/detect/engine/detector.ts';
import { createShardPool } from '../src/detect/shard/shard-pool.ts';
import { createShardedDetector } from '../src/detect/shard/sharded-detector.ts';
import { seededNumbers } from '../src/detect/forest/random.ts';
import { quantile, type BenchContext, type BenchResult } from './bench.ts';

const STATUS_MEANS = [
  ['approved', 3],
  ['denied', 0.4],
  ['reversed', 0.1],
  ['refunded', 0.1],
  ['failed', 0.05],
  ['backend_reversed', 0.05],
] as const;
const START = Date.UTC(2026, 2, 2, 12);
const DIFFERENT = 8;
/** Of a large company the bench takes fewer minutes, and fewer different ones. */
const LARGE = 20_000;
const SHARD_ENTRY = new URL('../src/app/shard-process.ts', import.meta.url);

/** Scores minutes of many merchants x 6 statuses: points (series-minutes) a second, time a point, bytes a series, in one process and with the
 *  merchants in two shards; with `--shards` in so many alone, so that memory is that of one form. Throws when their states differ. */
export async function run(context: BenchContext): Promise<readonly BenchResult[]> {
  const { merchants = context.quick ? 1000 : 10_000 } = context;
  const isLarge = merchants > LARGE;
  const size = { minutes: isLarge || context.quick ? 10 : 60, warm: isLarge ? 10 : 30 };
  const samples = sampleMinutes(merchants, isLarge ? 3 : DIFFERENT);
  const options = { timeZone: 'America/Sao_Paulo', merchantsMost: Math.max(50_000, merchants) };
  const forms = context.shards === undefined ? [1, 2] : [context.shards];
  const results: BenchResult[] = [];
  const judged: Judged[] = [];
  for (const shards of forms) {
    const pool = createShardPool(shards, SHARD_ENTRY);
    try {
      const detector = shards === 1 ? createDetector(options) : createShardedDetector(options, null, pool.links());
      const one = judge(detector, samples, size);
      judged.push(one);
      const memory = Object.fromEntries(shards === 1 ? [] : pool.pids().map((pid, shard) => [`shard ${shard + 1} MB`, residentMb(pid)]));
      const details = {
        ...{ merchants, series: one.points, minutes: size.minutes, state: one.state },
        ...{ 'samples MB': one.before, 'process MB': residentMb(process.pid), ...memory },
      };
      results.push(...figuresOf(one, shards, judged[0], details));
    } finally {
      await pool.close();
    }
  }
  if (new Set(judged.map(({ state }) => state)).size > 1) throw new Error('The state is another one with shards.');
  return results;
}

function figuresOf(one: Judged, shards: number, plain: Judged | undefined, details: NonNullable<BenchResult['details']>): BenchResult[] {
  const slowest = { value: quantile(one.times, 0.99), unit: 'us', better: 'lower', goal: 5, details } as const;
  if (shards > 1) {
    const reference = plain === undefined || plain === one ? {} : { reference: { name: 'one process', value: plain.rate } };
    return [{ name: `detector points, ${shards} shards`, value: one.rate, unit: 'points/s', better: 'higher', ...reference, details }];
  }
  return [
    { name: 'detector points', value: one.rate, unit: 'points/s', better: 'higher', goal: 1_000_000, details },
    { name: 'detector time a point, slowest minute of 100', ...slowest },
    { name: 'detector state', value: one.bytes / one.points, unit: 'bytes/series', better: 'lower', goal: 1024, details },
  ];
}

/** Resident memory of a process; NaN where the system does not say. */
function residentMb(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

interface Judged {
  readonly points: number;
  readonly rate: number;
  readonly times: readonly number[];
  readonly bytes: number;
  /** Digest of the whole state. */
  readonly state: string;
  /** Resident memory before the first minute, MB. */
  readonly before: number;
}

function judge(
  detector: Detector,
  samples: readonly (readonly Cell[])[],
  { minutes, warm }: { readonly minutes: number; readonly warm: number },
): Judged {
  const before = residentMb(process.pid);
  const step = (index: number): void => {
    const minute = START + index * 60_000;
    const window: ClosedWindow = {
      v: 1,
      sequence: index,
      minute,
      revision: 0,
      state: 'observed',
      late: 0,
      backfill: false,
      closed_at: minute,
      cells: samples[index % samples.length] ?? [],
    };
    detector.step(window);
  };
  for (let index = 0; index < warm; index++) step(index);
  const points = detector.seriesCount;
  const times: number[] = [];
  const started = systemClock.monotonic();
  for (let index = warm; index < warm + minutes; index++) {
    const before = systemClock.monotonic();
    step(index);
    times.push(((systemClock.monotonic() - before) * 1000) / points);
  }
  const seconds = (systemClock.monotonic() - started) / 1000;
  if (points < (samples[0]?.length ?? 0)) throw new Error(`Expected at least ${samples[0]?.length} series, got ${points}.`);
  const rate = (points * minutes) / seconds;
  const bytes = detector.stateBytes;
  const state = createHash('sha256').update(detector.snapshot()).digest('hex').slice(0, 16);
  return { points, rate, times, bytes, state, before };
}

function sampleMinutes(merchants: number, different: number): Cell[][] {
  const random = seededNumbers(7);
  return Array.from({ length: different }, (_, sample) => {
    const cells: Cell[] = [];
    for (let merchant = 0; merchant < merchants; merchant++) {
      for (const [status, mean] of STATUS_MEANS) {
        // Every series has to exist, so that all of them are judged every minute.
        const count = Math.max(random.poisson(mean), sample === 0 ? 1 : 0);
        if (count > 0) cells.push({ status, auth_code: '', merchant_id: `m-${merchant}`, acquirer: '', count, amount: 0 });
      }
    }
    return cells;
  });
}
