import type { BacktestRow } from '../../src/backtest/backtest-row.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { START } from './counts-stream.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { CURVES, drawCurve } from './first-day-curve.ts';
import { KIND_NAMES, planDay, type DayIncident, type Means } from './first-day-incidents.ts';

/** One day of a stream from midnight on, as the rows of its file. */
export interface FirstDay {
  readonly curve: string;
  readonly rows: readonly BacktestRow[];
  readonly incidents: readonly DayIncident[];
}

const INCIDENTS_A_DAY = 6;
/** Median share of each adverse status, and the spread of its logarithm over days. */
const SHARES = { denied: 0.06, failed: 0.002, reversed: 0.009, backend_reversed: 0.0015, refunded: 0.008, processing: 0.01 };
const SHARE_SPREAD = 0.35;
/** How a share drifts through the day: memory of a minute and spread of its logarithm. */
const SHARE_KEEP = 0.99;
const SHARE_WANDER = 0.12;
/** Part of the excess of the variance that rare counts have, and mean from which on counts have all of it. */
const RARE_EXCESS = 0.25;
const LARGE_MEAN = 5;
/** Below this many a minute whole minutes may be missing. */
const NIGHT_LEVEL = 6;

/** Draws day number `index` of a seed. Of four days one has late rows (a dip and its rebound), one a batch of refunds or reversals
 *  (a minute with ten times as many at round hours); four have statuses in processing. `isClean`: nothing breaks. */
export function drawDay(seed: string, index: number, isClean: boolean): FirstDay {
  const random = createRandom(`${seed}/${index}`);
  const curve = CURVES[index % CURVES.length] ?? '';
  const level = drawCurve(random.fork('curve'), curve);
  const means = drawMeans(random.fork('shares'), level, index % 3 === 0);
  const usual = (minute: number): Means => means[minute] ?? {};
  const first = index * INCIDENTS_A_DAY;
  const kinds = Array.from({ length: INCIDENTS_A_DAY }, (_, step) => KIND_NAMES[(first + step) % KIND_NAMES.length] ?? '');
  const incidents = isClean ? [] : planDay(random.fork('incidents'), kinds, usual);
  const counts = drawCounts(random.fork('counts'), means, incidents);
  if (index % 4 === 1) delayRows(random.fork('late'), counts, incidents);
  if (index % 4 === 2) addBatches(random.fork('batches'), counts, means);
  const rows = counts.flatMap((minute, number) =>
    Object.entries(minute).flatMap(([name, value]): BacktestRow[] =>
      value > 0 ? [{ kind: 'status', timestamp: START + number * MINUTE_MS, name, value }] : [],
    ),
  );
  return { curve, rows, incidents };
}

type Counts = Record<string, number>;

/** Expected counts by minute and status: shares that differ from day to day and drift within it. */
function drawMeans(random: Random, level: Float64Array, hasProcessing: boolean): Counts[] {
  const names = (Object.keys(SHARES) as (keyof typeof SHARES)[]).filter((name) => name !== 'processing' || hasProcessing);
  const walks = names.map((name) => ({ name, share: SHARES[name] * random.logNormal(1, SHARE_SPREAD), wander: 0 }));
  return Array.from(level, (total) => {
    const means: Counts = { approved: total };
    for (const walk of walks) {
      walk.wander = SHARE_KEEP * walk.wander + SHARE_WANDER * Math.sqrt(1 - SHARE_KEEP ** 2) * random.normal();
      means[walk.name] = total * walk.share * Math.exp(walk.wander);
      means['approved'] = (means['approved'] ?? 0) - total * walk.share;
    }
    return means;
  });
}

function drawCounts(random: Random, means: readonly Counts[], incidents: readonly DayIncident[]): Counts[] {
  const fano = 1 + random.next();
  return means.map((usual, minute) => {
    const now = { ...usual };
    for (const incident of incidents) if (minute >= incident.start && minute <= incident.end) incident.change(now);
    const isMissing = (usual['approved'] ?? 0) < NIGHT_LEVEL && random.next() < 0.01;
    const counts = Object.entries(now).map(([name, mean]): [string, number] => [name, spreadCount(random, mean, fano)]);
    return isMissing ? {} : Object.fromEntries(counts);
  });
}

/** A count of this mean whose variance is more than the mean (negative binomial): `fano` times as much where counts are large; of
 *  rare ones less, since there the unevenness of the traffic is small beside chance. */
function spreadCount(random: Random, mean: number, fano: number): number {
  const excess = (fano - 1) * (RARE_EXCESS + (1 - RARE_EXCESS) * Math.min(1, mean / LARGE_MEAN));
  return random.poisson(excess > 0 && mean > 0 ? gamma(random, mean / excess) * excess : mean);
}

/** A Gamma variate of scale 1 (Marsaglia and Tsang, 2000). */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.next() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Moves a part of some minutes into the next one. */
function delayRows(random: Random, counts: Counts[], incidents: readonly DayIncident[]): void {
  for (let time = 0; time < 3; time++) {
    const minute = 60 + random.below(1300);
    const part = 0.2 + 0.3 * random.next();
    if (incidents.some(({ start, end }) => minute >= start - 5 && minute <= end + 5)) continue;
    for (const [name, count] of Object.entries(counts[minute] ?? {})) {
      const late = random.binomial(count, part);
      const [now, next] = [counts[minute] ?? {}, counts[minute + 1] ?? {}];
      now[name] = count - late;
      next[name] = (next[name] ?? 0) + late;
    }
  }
}

/** Jobs at round hours of the day: one minute with ten times as many refunds or reversals. */
function addBatches(random: Random, counts: Counts[], means: readonly Counts[]): void {
  const name = random.next() < 0.5 ? 'refunded' : 'reversed';
  for (const hour of [8, 12, 16, 20]) {
    const minute = hour * 60;
    const now = counts[minute] ?? {};
    now[name] = (now[name] ?? 0) + random.poisson(9 * (means[minute]?.[name] ?? 0));
  }
}
