import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { systemClock } from '../src/clock.ts';
import { createDetector } from '../src/detect/engine/create-detector.ts';
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

/** Scores minutes of many merchants x 6 statuses: points (series-minutes) a second, time a point, bytes a series. */
export async function run(context: BenchContext): Promise<readonly BenchResult[]> {
  const merchants = context.quick ? 1000 : 10_000;
  const minutes = context.quick ? 20 : 60;
  const samples = sampleMinutes(merchants);
  const detector = createDetector({ timeZone: 'America/Sao_Paulo' });
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
  if (points < merchants * 6) throw new Error(`Expected at least ${merchants * 6} series, got ${points}.`);
  const details = { merchants, series: points, minutes };
  return [
    { name: 'detector points', value: (points * minutes) / seconds, unit: 'points/s', better: 'higher', goal: 1_000_000, details },
    { name: 'detector time a point, slowest minute of 100', value: quantile(times, 0.99), unit: 'us', better: 'lower', goal: 5, details },
    { name: 'detector state', value: detector.stateBytes / points, unit: 'bytes/series', better: 'lower', goal: 1024, details },
  ];
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
