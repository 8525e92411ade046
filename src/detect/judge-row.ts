import { countZ } from './evidence.ts';
import { isCurveUnknown } from './fleet-trend.ts';
import { calibrate, DOWN_RATES, rarityOf, TROUBLE_RATES } from './excursions.ts';
import { mostOfMinute, watchLateness } from './lateness.ts';
import { clip, learnClumps, learnDispersion, learnLevel, levelBefore, noteTaught, tuneWalk } from './level.ts';
import { tailNats } from './normal.ts';
import {
  at,
  atF32,
  atU16,
  atU8,
  DISPERSION,
  DOWN,
  EXPECTED,
  GROUP_ROWS,
  LEVEL_A,
  LEVEL_B,
  LOW,
  MINUTE_Z,
  NATS,
  OLDER_Z,
  OLDEST_Z,
  RING,
  RUN,
  type SeriesStore,
  SLOW_A,
  SLOW_B,
  SLOW_DOWN,
  SLOW_NATS,
  SPREAD,
  SQUARES,
  statusOfRow,
  STRIDE,
  SUMS,
  UP,
  VARIANCES,
  WALK,
  WEIGHT,
} from './series-store.ts';
import { addTo, clearSum, doubtOf, mostOfRise } from './sequential-sum.ts';
import { burnOf, gatherBurn, learnBurn } from './slow-burn.ts';
import { DOWN_RATIOS, SETTINGS, TROUBLE_RATIOS, UP_RATIOS } from './settings.ts';

const BASE_WALK = SETTINGS.levelWalk;
const UP_LOG = UP_RATIOS.map(Math.log);
const DOWN_LOG = DOWN_RATIOS.map(Math.log);
/** Sums whose excursion is taken out of the level: a fall to 0.3, a rise to three times as much. */
const FALLING = DOWN - UP + 1;
const RISING = 1;
const TROUBLE_LOG = TROUBLE_RATIOS.map(Math.log);
/** The step in hand: one object, so that nothing is allocated a row. */
const STEP = { nats: 0, expected: 0, most: 0 };
/** Three pairs among three minutes. */
const PAIRS_NATS = Math.log(3);
/** Standard deviation of the logarithm of a rate of trouble between the hours of a day that is not known, and minutes in which it
 *  comes to that. */
const UNEVEN_RATE = 0.15;
const UNEVEN_MINUTES = 30;
/** The slow level follows the fast one to this part of it. */
const PULL_TO = 1.1;
/** Columns of the z of the last minutes, by age. */
const AGED_Z = [MINUTE_Z, OLDER_Z, OLDEST_Z];

/** What a minute brings to a row. */
export interface RowInput {
  /** Observed count. */
  count: number;
  /** Volumes: factor on the level (1 = as usual). Trouble: healthy transactions that the rate is relative to. */
  exposure: number;
  /** Trouble: approved transactions that came in this minute; what a slow burn is measured against. */
  served: number;
  /** Volumes only: expected growth of the level since the last minute, as a factor. */
  drift: number;
  /** Volumes only: variance of that growth, on top of the walk of the row. */
  doubt: number;
  /** Volumes only: standard deviation of the growth a minute that nothing has taught yet; it adds up over a run. */
  wander: number;
  /** Trouble: how far the curve of the day is not known, 0..1; 0 for parts of the fleet. */
  unknown: number;
  /** Volumes only: most that the slow level follows the fast one up, of its logarithm. */
  pull: number;
  /** What it followed in the last row that was judged. */
  pulled: number;
  /** Volumes only: how far that growth is known, 0..1. */
  trust: number;
  /** Volumes only: how far the daily curve is known, 0..1; 0 as long as the slow level cannot tell a slow fall. */
  known: number;
  /** Trouble: standard deviation of what a promotion may have made of its rate, as a share. */
  mixed: number;
  /** Cells of this minute and the two before in the ring of a row. */
  slot: number;
  before: number;
  beforeThat: number;
  /** Whether the row may learn, and gather evidence. */
  learn: boolean;
  judge: boolean;
  /** Evidence (nats) that would raise an anomaly here. */
  bar: number;
}

/** Judges and learns one minute of a volume (total, approved): a fall is bad news, growth is only noted.
 *  The expectation for a fall is the lower of a fast and a slow level, so that the end of a promotion is no fall. */
export function judgeVolume(store: SeriesStore, row: number, input: RowInput): void {
  const f = store.values;
  const o = row * STRIDE;
  const { count, exposure, learn } = input;
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
  const nats = input.judge ? gatherVolume(store, row, input, { low, high, slow }, dispersion) : 0;
  f[o + LOW] = low;
  noteMinute(f, o, fast, dispersion, minuteZ(count, mean, dispersion));
  watchLateness(store, row, count);
  settle(f, o, input.judge, nats, store.parts.pair ? fallNats(store, row, input, mean) : 0);
  const weight = learn ? Math.max(0, 1 - at(f, o + NATS) / input.bar) : 0;
  f[o + WEIGHT] = weight;
  learnVolume(store, o, input, { fast, slow, a, b, sa, sb }, weight);
}

/** What the two levels of a volume were before the minute. */
interface Levels {
  readonly fast: number;
  readonly slow: number;
  readonly a: number;
  readonly b: number;
  readonly sa: number;
  readonly sb: number;
}

/** Teaches both levels. Growth is no incident: once it is certain, the fast level follows it, and follows it back down,
 *  while the slow one remembers what was before. */
function learnVolume(store: SeriesStore, o: number, input: RowInput, was: Levels, weight: number): void {
  const f = store.values;
  const { fast, slow, a, b } = was;
  const { count, exposure } = input;
  const spread = at(f, o + DISPERSION);
  const sd = Math.sqrt(fast * (spread + fast / a));
  const isMoving = at(f, o + UP) > 0.5 * input.bar || (fast > 1.3 * slow && count < fast - 2 * sd);
  const clipped = clip(count, fast, sd);
  if (weight > 0 && !isMoving) {
    if (store.parts.dispersion) learnDispersion(f, o, clipped - fast, fast + (fast * fast) / a, weight);
    if (store.parts.walk) tuneWalk(f, o, fast > 0 ? (clipped - fast) / sd : 0);
  }
  const walk = BASE_WALK * Math.exp(at(f, o + WALK)) + input.doubt + input.wander * input.wander;
  const share = weight / spread;
  learnLevel(f, o + LEVEL_A, a, b, isMoving ? count : clipped, exposure, share, isMoving ? SETTINGS.levelWalkMost : walk);
  noteTaught(f, o, share * clipped, share * exposure);
  const slowSd = Math.sqrt(slow * (spread + slow / was.sa));
  const slowWalk = Math.min(walk * SETTINGS.slowFactor, 1 / (SETTINGS.slowMinutes * was.sa));
  // A promotion of hours must not become what the slow level remembers.
  const isFar = Math.abs(count - slow) > SETTINGS.huber * slowSd + 1;
  learnLevel(f, o + SLOW_A, was.sa, was.sb, clip(count, slow, slowSd), exposure, isFar ? share * SETTINGS.farWeight : share, slowWalk);
}

/** Judges and learns one minute of a trouble row (denied, failed, a code, ...): a rise relative to the healthy
 *  transactions is bad news, a fall is not. */
export function judgeTrouble(store: SeriesStore, row: number, input: RowInput, exposureBefore: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const { count, exposure } = input;
  if (atU8(store.seen, row) === 0 && !startRow(store, row, count, 0.5, exposureBefore)) return;
  const a = at(f, o + LEVEL_A);
  const b = at(f, o + LEVEL_B);
  const mean =
    Math.min(a / b, levelBefore(f, o, { a, b, drift: 1, known: 1, isPart: false }, atU16(store.runs, row * SUMS + RISING) > 0)) * exposure;
  const dispersion = at(f, o + DISPERSION) + mean / a;
  const clipped = Math.min(count, mean + SETTINGS.huber * Math.sqrt(mean * dispersion) + 1);
  const gathered = input.judge ? gatherTrouble(store, row, input, mean, dispersion) : 0;
  const nats = input.judge ? burn(store, row, clipped, gathered, input) : 0;
  noteMinute(f, o, mean, dispersion, minuteZ(count, mean, dispersion));
  settle(f, o, input.judge, nats, store.parts.pair ? pairNats(f, o, 1) : 0);
  const weight = input.learn ? Math.max(0, 1 - at(f, o + NATS) / input.bar) : 0;
  f[o + WEIGHT] = weight;
  if (store.parts.dispersion) learnClumps(f, o, count, mean, weight);
  const share = weight / at(f, o + DISPERSION);
  learnLevel(f, o + LEVEL_A, a, b, clipped, exposure, share, BASE_WALK);
  learnBurn(store, row, clipped, input.served, weight);
  noteTaught(f, o, share * clipped, share * exposure);
}

/** Evidence of a slow burn; where it is the strongest, the run is its own. */
function burn(store: SeriesStore, row: number, count: number, gathered: number, { served, bar }: RowInput): number {
  const slowly = gatherBurn(store, row, count, served, bar);
  store.values[row * STRIDE + SLOW_NATS] = slowly;
  // Below the bar a burn says nothing: it lasts for hours and would colour all their minutes.
  if (slowly < bar || slowly <= gathered) return gathered;
  store.values[row * STRIDE + RUN] = burnOf(store, row).minutes;
  return slowly;
}

/** Sets a new code up: at what it shows in its first minute, or, when it comes with trouble (`isWrong`), at nearly nothing.
 *  Both are soon overruled. */
export function startLabel(store: SeriesStore, row: number, count: number, exposure: number, isWrong: boolean): void {
  startRow(store, row, count, isWrong ? 0.01 : 0.5, isWrong ? 25 : (0.5 * exposure) / Math.max(1, count));
}

/** Sets a row up at its first count; false while it never counted anything. */
function startRow(store: SeriesStore, row: number, count: number, a: number, b: number): boolean {
  if (count <= 0) return false;
  const f = store.values;
  const o = row * STRIDE;
  store.seen[row] = 1;
  store.series++;
  f[o + LEVEL_A] = f[o + SLOW_A] = a;
  f[o + LEVEL_B] = f[o + SLOW_B] = b;
  f[o + SQUARES] = f[o + VARIANCES] = SETTINGS.dispersionPrior;
  f[o + DISPERSION] = 1;
  return true;
}

function gatherVolume(
  store: SeriesStore,
  row: number,
  input: RowInput,
  levels: { readonly low: number; readonly high: number; readonly slow: number },
  dispersion: number,
): number {
  const { low, high, slow } = levels;
  const f = store.values;
  const run = row * SUMS;
  const most = mostOfFall(store, row, input.count, low, input.bar);
  let best = 0;
  for (let k = 0; k < (store.parts.ratios ? UP_RATIOS.length : 1); k++) {
    STEP.expected = high;
    STEP.most = input.bar;
    STEP.nats = (input.count * (UP_LOG[k] as number) - high * ((UP_RATIOS[k] as number) - 1)) / dispersion;
    addTo(store, row, k, STEP, input.bar);
    STEP.expected = low;
    STEP.most = most;
    STEP.nats = (input.count * (DOWN_LOG[k] as number) - low * ((DOWN_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(store, row, 3 + k, STEP, input.bar);
    if (sum <= best) continue;
    const minutes = atU16(store.runs, run + 3 + k);
    const nats = sum / doubtOf(store, row, 3 + k, DOWN_RATIOS[k] as number, input.wander * minutes);
    if (nats > best) {
      best = nats;
      f[row * STRIDE + RUN] = minutes;
    }
  }
  const slowly = gatherSlow(store, row, input, slow);
  f[row * STRIDE + SLOW_NATS] = slowly;
  if (slowly > best) f[row * STRIDE + RUN] = atU16(store.runs, run + SLOW_DOWN - UP);
  return calibrate(store, row, Math.max(best, slowly), 0, rarityOf(low / dispersion, DOWN_RATES), input.bar);
}

/** Fall against the slow level: it tells the decay that the fast level follows. It counts as far as the daily curve is
 *  known, and never takes the slow level for more exact than a few percent. */
function gatherSlow(store: SeriesStore, row: number, input: RowInput, slow: number): number {
  const f = store.values;
  const o = row * STRIDE;
  if (input.known === 0) {
    clearSum(store, row, SLOW_DOWN - UP);
    return 0;
  }
  const dispersion = at(f, o + DISPERSION) + slow / at(f, o + SLOW_A);
  STEP.expected = slow;
  STEP.most = SETTINGS.slowSumMinuteMost;
  STEP.nats = (input.count * (DOWN_LOG[0] as number) - slow * (DOWN_RATIOS[0] - 1)) / dispersion;
  const sum = addTo(store, row, SLOW_DOWN - UP, STEP, 1e9);
  if (sum === 0) return 0;
  const minutes = atU16(store.runs, row * SUMS + SLOW_DOWN - UP);
  return Math.min(input.known * slowFallNats(store, row, slow), (minutes / SETTINGS.slowLeastMinutes) * input.bar);
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

/** Most that one minute of trouble says, nats. Merchants refund in batches that fill one minute: as long as the days are not known, one
 *  minute of refunds says too little. */
export function mostOfTrouble(row: number, { bar, unknown }: Pick<RowInput, 'bar' | 'unknown'>): number {
  const isBatch = unknown > 0 && statusOfRow(row) === 'refunded';
  return (isBatch ? SETTINGS.batchMinuteShare : SETTINGS.sumCap) * bar;
}

function gatherTrouble(store: SeriesStore, row: number, input: RowInput, mean: number, dispersion: number): number {
  const { count, bar } = input;
  const f = store.values;
  let best = 0;
  STEP.expected = mean;
  STEP.most = mostOfTrouble(row, input);
  for (let k = 0; k < (store.parts.ratios ? TROUBLE_RATIOS.length : 1); k++) {
    STEP.nats = (count * (TROUBLE_LOG[k] as number) - mean * ((TROUBLE_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(store, row, k, STEP, bar);
    if (sum <= best) continue;
    const hours = Math.min(1, atU16(store.runs, row * SUMS + k) / UNEVEN_MINUTES);
    const uneven = Math.hypot(input.mixed, UNEVEN_RATE * input.unknown * hours);
    const plain = sum / doubtOf(store, row, k, TROUBLE_RATIOS[k] as number, 2 * uneven);
    const nats = plain > best ? Math.min(plain, mostOfRise(store, row, k, TROUBLE_RATIOS[k] as number, uneven)) : plain;
    if (nats > best) {
      best = nats;
      f[row * STRIDE + RUN] = atU16(store.runs, row * SUMS + k);
    }
  }
  return calibrate(store, row, best, 1, rarityOf(mean / dispersion, TROUBLE_RATES), bar);
}

/** Writes the evidence of a row: what it gathered, or what its last minutes say by themselves. */
function settle(f: Float64Array, o: number, judge: boolean, gathered: number, sudden: number): void {
  if (sudden > gathered && at(f, o + RUN) > 3) f[o + RUN] = 2;
  f[o + NATS] = judge ? Math.max(gathered, sudden) : 0;
}

/** Two of three minutes in the same direction. */
function pairNats(f: Float64Array, o: number, sign: number): number {
  const now = sign * at(f, o + MINUTE_Z);
  const one = sign * at(f, o + OLDER_Z);
  const two = sign * at(f, o + OLDEST_Z);
  const second = Math.max(Math.min(now, one), Math.min(now, two), Math.min(one, two));
  return now > 2 && second > 3 ? 2 * tailNats(second) - PAIRS_NATS : 0;
}

/** Two of three minutes that fell, each for no more than late rows leave of it. */
function fallNats(store: SeriesStore, row: number, input: RowInput, mean: number): number {
  const plain = pairNats(store.values, row * STRIDE, -1);
  if (plain < input.bar * 0.4) return plain;
  const now = mostOfMinute(store, row, input.count, mean);
  const one = mostOfMinute(store, row, atF32(store.ring, row * RING + input.before), mean);
  const two = mostOfMinute(store, row, atF32(store.ring, row * RING + input.beforeThat), mean);
  // Rows that are late come within minutes: a fall that goes on is no such thing.
  const pairs = Math.max(1, atU16(store.runs, row * SUMS + DOWN + 1 - UP) / 2);
  return Math.min(plain, pairs * (now + Math.max(one, two)) - PAIRS_NATS);
}

/** Most that one minute adds to a downward sum, nats: late rows can make a dip that rebounds. */
export function mostOfFall(store: SeriesStore, row: number, count: number, low: number, bar: number): number {
  const most = SETTINGS.downMinuteShare * bar;
  return count >= 0.9 * low ? most : Math.min(most, mostOfMinute(store, row, count, low));
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
function minuteZ(count: number, mean: number, spread: number): number {
  const dispersion = spread + mean * SETTINGS.modelError ** 2;
  const plain = (count - mean) / Math.sqrt(mean * dispersion);
  return plain > -2 && plain < 1 ? plain : countZ(count, mean, dispersion);
}

function noteMinute(f: Float64Array, o: number, expected: number, spread: number, z: number): void {
  f[o + EXPECTED] = expected;
  f[o + SPREAD] = spread;
  f[o + OLDEST_Z] = at(f, o + OLDER_Z);
  f[o + OLDER_Z] = at(f, o + MINUTE_Z);
  f[o + MINUTE_Z] = z;
}
