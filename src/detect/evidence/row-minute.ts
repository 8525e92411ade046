import { startLevels } from '../series/level.ts';
import { countZ } from './evidence.ts';
import { tailNats } from '../series/normal.ts';
import {
  at,
  EXPECTED,
  LOW,
  MINUTE_Z,
  NATS,
  OLDER_Z,
  OLDEST_Z,
  RUN,
  type SeriesStore,
  SPREAD,
  STRIDE,
  WEIGHT,
  SLOW_NATS,
  GROUP_ROWS,
  groupOfRow,
  isHere,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** What a minute brings to every row. */
export interface RowMinute {
  /** Observed count. */
  count: number;
  /** Cells of this minute and the two before in the ring of a row. */
  slot: number;
  before: number;
  beforeThat: number;
  /** Whether the row may learn, and gather evidence. */
  learn: boolean;
  judge: boolean;
  /** Evidence (nats) that would raise an anomaly here. */
  threshold: number;
}

/** Columns of the z of the last minutes, by age. */
const AGED_Z = [MINUTE_Z, OLDER_Z, OLDEST_Z];
/** Three pairs among three minutes. */
export const PAIRS_NATS = Math.log(3);

/** Sets a row up at its first count; false while it never counted anything. */
export function startRow(store: SeriesStore, row: number, count: number, a: number, b: number): boolean {
  if (count <= 0) return false;
  store.seen[row] = 1;
  store.series++;
  startLevels(store.values, row * STRIDE, a, b);
  return true;
}

/** Writes the evidence of a row: what it gathered, or what its last minutes say by themselves. */
export function settle(f: Float64Array, o: number, judge: boolean, gathered: number, sudden: number): void {
  if (sudden > gathered && at(f, o + RUN) > 3) f[o + RUN] = 2;
  f[o + NATS] = judge ? Math.max(gathered, sudden) : 0;
}

/** Two of three minutes in the same direction. */
export function pairNats(f: Float64Array, o: number, sign: number): number {
  const now = sign * at(f, o + MINUTE_Z);
  const one = sign * at(f, o + OLDER_Z);
  const two = sign * at(f, o + OLDEST_Z);
  const second = Math.max(Math.min(now, one), Math.min(now, two), Math.min(one, two));
  return now > 2 && second > 3 ? 2 * tailNats(second) - PAIRS_NATS : 0;
}

/** Puts the z of a minute right that late rows completed; of the last three minutes it is still used. */
export function correctZ(f: Float64Array, o: number, count: number, age: number): void {
  const column = AGED_Z[age];
  if (column === undefined) return;
  const [fast, low] = [at(f, o + EXPECTED), at(f, o + LOW)];
  const mean = low > 0 ? Math.min(Math.max(count, Math.min(low, fast)), fast) : fast;
  f[o + column] = minuteZ(count, mean, at(f, o + SPREAD));
}

/** z of one minute. No expectation is exact: it is taken to be off by 4 %. */
export function minuteZ(count: number, mean: number, spread: number): number {
  const dispersion = spread + mean * SETTINGS.modelError ** 2;
  const plain = (count - mean) / Math.sqrt(mean * dispersion);
  return plain > -2 && plain < 1 ? plain : countZ(count, mean, dispersion);
}

export function noteMinute(f: Float64Array, o: number, expected: number, spread: number, z: number): void {
  f[o + EXPECTED] = expected;
  f[o + SPREAD] = spread;
  f[o + OLDEST_Z] = at(f, o + OLDER_Z);
  f[o + OLDER_Z] = at(f, o + MINUTE_Z);
  f[o + MINUTE_Z] = z;
}

/** Weight with which a row learns a minute: less, the more evidence it has. */
export function weigh(f: Float64Array, o: number, { learn, threshold }: RowMinute): number {
  const weight = learn ? Math.max(0, 1 - at(f, o + NATS) / threshold) : 0;
  f[o + WEIGHT] = weight;
  return weight;
}

/** Notes since how many minutes the strongest evidence of a row runs. */
export function noteRun(f: Float64Array, o: number, minutes: number): void {
  f[o + RUN] = minutes;
}

/** Notes the evidence (nats) of the slow sums of a row alone. */
export function noteSlow(f: Float64Array, o: number, nats: number): void {
  f[o + SLOW_NATS] = nats;
}

/** Sets the evidence (nats) of a row. */
export function setEvidence(f: Float64Array, o: number, nats: number): void {
  f[o + NATS] = nats;
}

/** Multiplies what was expected of a row in the minute in hand by `ratio`. */
export function scaleExpected(f: Float64Array, o: number, ratio: number): void {
  f[o + EXPECTED] = at(f, o + EXPECTED) * ratio;
}

/** Expires the z of the last minutes of a row. */
export function clearZ(f: Float64Array, o: number): void {
  f.fill(0, o + MINUTE_Z, o + OLDER_Z + 1);
}

/** Expires the z of the last minutes of every row. */
export function clearAllZ(store: SeriesStore): void {
  store.elsewhere?.act('clear_z');
  for (let row = 0; row < store.groups * GROUP_ROWS; row++) if (isHere(store, groupOfRow(row))) clearZ(store.values, row * STRIDE);
}
