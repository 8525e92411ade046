import { calibrate, DOWN_RATES, rarityOf } from './excursions.ts';
import { isCurveUnknown } from '../expect/fleet-trend.ts';
import { mostOfMinute, watchLateness } from '../series/lateness.ts';
import { clip, learnDispersion, learnLevel, levelBefore, noteTaught, tuneProcessNoise } from '../series/level.ts';
import { type RowMinute, PAIRS_NATS, startRow, settle, pairNats, minuteZ, noteMinute, weigh, noteRun, noteSlow } from './row-minute.ts';
import { addTo, clearSum, uncertaintyFactor } from './sequential-sum.ts';
import {
  at,
  atF32,
  atU16,
  atU8,
  DISPERSION,
  DOWN,
  GROUP_ROWS,
  LEVEL_A,
  LEVEL_B,
  LOW,
  RING,
  type SeriesStore,
  SLOW_A,
  SLOW_B,
  SLOW_DOWN,
  STRIDE,
  SUMS,
  UP,
  PROCESS_NOISE,
} from '../series/series-store.ts';
import { DOWN_RATIOS, SETTINGS, UP_RATIOS } from '../series/settings.ts';

const BASE_PROCESS_NOISE = SETTINGS.levelProcessNoise;
const UP_LOG = UP_RATIOS.map(Math.log);
const DOWN_LOG = DOWN_RATIOS.map(Math.log);
/** Sum whose excursion is taken out of the level: a fall to 0.3. */
const FALLING = DOWN - UP + 1;
/** The slow level follows the fast one to this part of it. */
const PULL_TO = 1.1;
/** The step in hand: one object, so that nothing is allocated a row. */
const STEP = { nats: 0, expected: 0, most: 0 };

/** What is expected of a volume in a minute. */
export interface VolumeInput {
  /** Factor on the level; 1: as usual. */
  exposure: number;
  /** Expected growth of the level since the last minute, as a factor. */
  drift: number;
  /** Variance of that growth, on top of the walk of the row. */
  predictiveVariance: number;
  /** Standard deviation of the growth a minute that nothing has taught yet; it adds up over a run. */
  driftDeviation: number;
  /** Most that the slow level follows the fast one up, of its logarithm. */
  pull: number;
  /** What it followed in the last row that was judged. */
  pulled: number;
  /** How far that growth is known, 0..1. */
  trust: number;
  /** How far the daily curve is known, 0..1; 0 as long as the slow level cannot tell a slow fall. */
  known: number;
}

/** Judges and learns one minute of a volume (total, approved): a fall is bad news, growth is only noted.
 *  The expectation for a fall is the lower of a fast and a slow level, so that the end of a promotion is no fall. */
export function judgeVolume(store: SeriesStore, row: number, minute: RowMinute, input: VolumeInput): void {
  const f = store.values;
  const o = row * STRIDE;
  const { count } = minute;
  const { exposure } = input;
  if (atU8(store.seen, row) === 0 && !startRow(store, row, count, 0.5, 0.5 / Math.max(1, count))) return;
  const b = at(f, o + LEVEL_B) / input.drift;
  const a = at(f, o + LEVEL_A);
  const sa = at(f, o + SLOW_A);
  const fast = (a / b) * exposure;
  const plain = at(f, o + SLOW_B) / input.drift;
  // As long as the curve of the day is not known, growth that is no jump is taken for it.
  const goal = (PULL_TO * sa * exposure) / Math.min(fast, count);
  const sb = input.pull > 0 ? Math.min(plain, Math.max(goal, plain * Math.exp(-input.pull))) : plain;
  input.pulled = Math.log(plain / sb);
  const slow = (sa / sb) * exposure;
  const before =
    levelBefore(
      f,
      o,
      { a, b, drift: input.drift, known: input.trust, isPart: row >= GROUP_ROWS || !isCurveUnknown(input.trust) },
      atU16(store.runs, row * SUMS + FALLING) > 0,
    ) * exposure;
  const low = Math.min(Math.max(fast, before), slow);
  const high = Math.max(fast, slow);
  // Between the two levels nothing is wrong.
  const mean = Math.min(Math.max(count, low), high);
  const dispersion = at(f, o + DISPERSION) + low / a;
  const nats = minute.judge ? gatherVolume(store, row, { minute, input, low, high, slow }, dispersion) : 0;
  f[o + LOW] = low;
  noteMinute(f, o, fast, dispersion, minuteZ(count, mean, dispersion));
  watchLateness(store, row, count);
  settle(f, o, minute.judge, nats, store.parts.pair ? fallNats(store, row, minute, mean) : 0);
  const weight = weigh(f, o, minute);
  learnVolume(store, o, { minute, input, fast, slow, a, b, sa, sb }, weight);
}

/** A minute of a volume and what its two levels were before. */
interface Levels {
  readonly minute: RowMinute;
  readonly input: VolumeInput;
  readonly fast: number;
  readonly slow: number;
  readonly a: number;
  readonly b: number;
  readonly sa: number;
  readonly sb: number;
}

/** Teaches both levels. Growth is no incident: once it is certain, the fast level follows it, and follows it back down,
 *  while the slow one remembers what was before. */
function learnVolume(store: SeriesStore, o: number, was: Levels, weight: number): void {
  const f = store.values;
  const { minute, input, fast, slow, a, b } = was;
  const { count } = minute;
  const { exposure } = input;
  const spread = at(f, o + DISPERSION);
  const sd = Math.sqrt(fast * (spread + fast / a));
  const isMoving = at(f, o + UP) > 0.5 * minute.threshold || (fast > 1.3 * slow && count < fast - 2 * sd);
  const clipped = clip(count, fast, sd);
  if (weight > 0 && !isMoving) {
    if (store.parts.dispersion) learnDispersion(f, o, clipped - fast, fast + (fast * fast) / a, weight);
    if (store.parts.walk) tuneProcessNoise(f, o, fast > 0 ? (clipped - fast) / sd : 0);
  }
  const walk =
    BASE_PROCESS_NOISE * Math.exp(at(f, o + PROCESS_NOISE)) + input.predictiveVariance + input.driftDeviation * input.driftDeviation;
  const share = weight / spread;
  const taught = isMoving ? count : clipped;
  learnLevel(f, o + LEVEL_A, { a, b, count: taught, exposure, weight: share, walk: isMoving ? SETTINGS.levelNoiseMost : walk });
  noteTaught(f, o, share * clipped, share * exposure);
  const slowSd = Math.sqrt(slow * (spread + slow / was.sa));
  const slowProcessNoise = Math.min(walk * SETTINGS.slowFactor, 1 / (SETTINGS.slowMinutes * was.sa));
  // A promotion of hours must not become what the slow level remembers.
  const isFar = Math.abs(count - slow) > SETTINGS.huber * slowSd + 1;
  const slowWeight = isFar ? share * SETTINGS.farWeight : share;
  const slowCount = clip(count, slow, slowSd);
  learnLevel(f, o + SLOW_A, { a: was.sa, b: was.sb, count: slowCount, exposure, weight: slowWeight, walk: slowProcessNoise });
}

function gatherVolume(
  store: SeriesStore,
  row: number,
  fall: { readonly minute: RowMinute; readonly input: VolumeInput; readonly low: number; readonly high: number; readonly slow: number },
  dispersion: number,
): number {
  const { minute, input, low, high, slow } = fall;
  const { count, threshold } = minute;
  const f = store.values;
  const run = row * SUMS;
  const most = mostOfFall(store, row, count, low, threshold);
  let best = 0;
  for (let k = 0; k < (store.parts.ratios ? UP_RATIOS.length : 1); k++) {
    STEP.expected = high;
    STEP.most = threshold;
    STEP.nats = (count * (UP_LOG[k] as number) - high * ((UP_RATIOS[k] as number) - 1)) / dispersion;
    addTo(store, row, k, STEP, threshold);
    STEP.expected = low;
    STEP.most = most;
    STEP.nats = (count * (DOWN_LOG[k] as number) - low * ((DOWN_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(store, row, 3 + k, STEP, threshold);
    if (sum <= best) continue;
    const minutes = atU16(store.runs, run + 3 + k);
    const nats = sum / uncertaintyFactor(store, row, 3 + k, DOWN_RATIOS[k] as number, input.driftDeviation * minutes);
    if (nats > best) {
      best = nats;
      noteRun(f, row * STRIDE, minutes);
    }
  }
  const slowly = gatherSlow(store, row, minute, slow, input.known);
  noteSlow(f, row * STRIDE, slowly);
  if (slowly > best) noteRun(f, row * STRIDE, atU16(store.runs, run + SLOW_DOWN - UP));
  return calibrate(store, row, { sum: Math.max(best, slowly), role: 0, rarity: rarityOf(low / dispersion, DOWN_RATES), threshold });
}

/** Fall against the slow level: it shows the decay that the fast level follows. It counts as far as the daily curve is
 *  known, and never takes the slow level for more exact than a few percent. */
function gatherSlow(store: SeriesStore, row: number, minute: RowMinute, slow: number, known: number): number {
  const f = store.values;
  const o = row * STRIDE;
  if (known === 0) {
    clearSum(store, row, SLOW_DOWN - UP);
    return 0;
  }
  const dispersion = at(f, o + DISPERSION) + slow / at(f, o + SLOW_A);
  STEP.expected = slow;
  STEP.most = SETTINGS.slowSumMinuteMost;
  STEP.nats = (minute.count * (DOWN_LOG[0] as number) - slow * (DOWN_RATIOS[0] - 1)) / dispersion;
  const sum = addTo(store, row, SLOW_DOWN - UP, STEP, 1e9);
  if (sum === 0) return 0;
  const minutes = atU16(store.runs, row * SUMS + SLOW_DOWN - UP);
  return Math.min(known * slowFallNats(store, row, slow), (minutes / SETTINGS.slowLeastMinutes) * minute.threshold);
}

/** Evidence (nats) of the running fall against the slow level where the daily curve is known, however short it is. `slow`:
 *  usual count of a minute. */
export function slowFallNats(store: SeriesStore, row: number, slow: number): number {
  const f = store.values;
  const o = row * STRIDE;
  const expected = atF32(store.masses, row * SUMS + SLOW_DOWN - UP);
  const variance = 1 / at(f, o + SLOW_A) + SETTINGS.slowError ** 2;
  const dispersion = at(f, o + DISPERSION) + slow / at(f, o + SLOW_A);
  return at(f, o + SLOW_DOWN) / (1 + (expected * variance) / dispersion);
}

/** Two of three minutes that fell, each for no more than late rows leave of it. */
function fallNats(store: SeriesStore, row: number, minute: RowMinute, mean: number): number {
  const plain = pairNats(store.values, row * STRIDE, -1);
  if (plain < minute.threshold * 0.4) return plain;
  const now = mostOfMinute(store, row, minute.count, mean);
  const one = mostOfMinute(store, row, atF32(store.ring, row * RING + minute.before), mean);
  const two = mostOfMinute(store, row, atF32(store.ring, row * RING + minute.beforeThat), mean);
  // Rows that are late come within minutes: a fall that goes on is no such thing.
  const pairs = Math.max(1, atU16(store.runs, row * SUMS + DOWN + 1 - UP) / 2);
  return Math.min(plain, pairs * (now + Math.max(one, two)) - PAIRS_NATS);
}

/** Most that one minute adds to a downward sum, nats: late rows can make a dip that rebounds. */
export function mostOfFall(store: SeriesStore, row: number, count: number, low: number, threshold: number): number {
  const most = SETTINGS.downMinuteShare * threshold;
  return count >= 0.9 * low ? most : Math.min(most, mostOfMinute(store, row, count, low));
}
