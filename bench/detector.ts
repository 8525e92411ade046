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
const OPTIONS = { timeZone: 'America/Sao_Paulo' };
const SHARDS = 2;
const SHARD_ENTRY = new URL('../src/app/shard-process.ts', import.meta.url);

/** Scores minutes of many merchants x 6 statuses: points (series-minutes) a second, time a point, bytes a series; then the same with the
 *  merchants in shards. */
export async function run(context: BenchContext): Promise<readonly BenchResult[]> {
  const merchants = context.quick ? 1000 : 10_000;
  const minutes = context.quick ? 20 : 60;
  const samples = sampleMinutes(merchants);
  const plain = judge(createDetector(OPTIONS), samples, minutes);
  const pool = createShardPool(SHARDS, SHARD_ENTRY);
  try {
    const sharded = judge(createShardedDetector(OPTIONS, null, pool.links()), samples, minutes);
    const series = { merchants, series: plain.points, minutes };
    const memory = Object.fromEntries(pool.pids().map((pid, shard) => [`shard ${shard + 1} MB`, residentMb(pid)]));
    return [
      { name: 'detector points', value: plain.rate, unit: 'points/s', better: 'higher', goal: 1_000_000, details: series },
      {
        name: 'detector time a point, slowest minute of 100',
        value: quantile(plain.times, 0.99),
        unit: 'us',
        better: 'lower',
        goal: 5,
        details: series,
      },
      { name: 'detector state', value: plain.bytes / plain.points, unit: 'bytes/series', better: 'lower', goal: 1024, details: series },
      {
        name: `detector points, ${SHARDS} shards`,
        value: sharded.rate,
        unit: 'points/s',
        better: 'higher',
        reference: { name: 'one process', value: plain.rate },
        details: { ...series, ...memory },
      },
    ];
  } finally {
    await pool.close();
  }
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
}

function judge(detector: Detector, samples: readonly (readonly Cell[])[], minutes: number): Judged {
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
      cells: samples[index % DIFFERENT] ?? [],
    };
    detector.step(window);
  };
  const warm = 30;
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
  return { points, rate: (points * minutes) / seconds, times, bytes: detector.stateBytes };
}

function sampleMinutes(merchants: number): Cell[][] {
  const random = seededNumbers(7);
  return Array.from({ length: DIFFERENT }, (_, sample) => {
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
