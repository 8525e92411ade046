import { countZ } from './evidence.ts';
import { tailNats } from './normal.ts';
import {
  at,
  atU16,
  atU8,
  DISPERSION,
  EXPECTED,
  GROUP_ROWS,
  LAST_ERROR,
  LEVEL_A,
  LEVEL_B,
  LOW,
  MINUTE_Z,
  NATS,
  OLDER_Z,
  OLDEST_Z,
  PEAK,
  RUN,
  type SeriesStore,
  SLOW_A,
  SLOW_B,
  SLOW_DOWN,
  SLOW_NATS,
  SPREAD,
  SQUARES,
  STRIDE,
  SUMS,
  TAIL_COUNT,
  TAIL_SUM,
  UP,
  VARIANCES,
  WALK,
  WEIGHT,
} from './series-store.ts';
import { DOWN_RATIOS, SETTINGS, UP_RATIOS } from './settings.ts';

const BASE_WALK = SETTINGS.levelWalk;
const WALK_LEAST = Math.log(SETTINGS.levelWalkLeast / BASE_WALK);
const WALK_MOST = Math.log(SETTINGS.levelWalkMost / BASE_WALK);
const KEEP = SETTINGS.dispersionKeep;
const PRIOR = SETTINGS.dispersionPrior;
const UP_LOG = UP_RATIOS.map(Math.log);
const DOWN_LOG = DOWN_RATIOS.map(Math.log);
/** Excursions are noted from this height; a single one counts at most `TAIL_CAP` above it. */
const TAIL_FROM = 2;
const TAIL_CAP = 8;
const TAIL_PRIOR = 30;

/** What a minute brings to a row. */
export interface RowInput {
  /** Observed count. */
  count: number;
  /** Volumes: factor on the level (1 = as usual). Trouble: healthy transactions that the rate is relative to. */
  exposure: number;
  /** Volumes only: expected growth of the level since the last minute, as a factor. */
  drift: number;
  /** Volumes only: variance of that growth, on top of the walk of the row. */
  doubt: number;
  /** Volumes only: standard deviation of the growth a minute that nothing has taught yet; it adds up over a run. */
  wander: number;
  /** Volumes only: how far the daily curve is known, 0..1; 0 as long as the slow level cannot tell a slow fall. */
  known: number;
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
  const sb = at(f, o + SLOW_B) / input.drift;
  const a = at(f, o + LEVEL_A);
  const sa = at(f, o + SLOW_A);
  const fast = (a / b) * exposure;
  const slow = (sa / sb) * exposure;
  const low = Math.min(fast, slow);
  const high = Math.max(fast, slow);
  // Between the two levels nothing is wrong.
  const mean = Math.min(Math.max(count, low), high);
  const dispersion = at(f, o + DISPERSION) + low / a;
  const nats = input.judge ? gatherVolume(store, row, input, { low, high, slow }, dispersion) : 0;
  f[o + LOW] = low;
  noteMinute(f, o, fast, dispersion, minuteZ(count, mean, dispersion));
  settle(f, o, input.judge, nats, store.parts.pair ? pairNats(f, o, -1) : 0);
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
  const slowSd = Math.sqrt(slow * (spread + slow / was.sa));
  const slowWalk = Math.min(walk * SETTINGS.slowFactor, 1 / (SETTINGS.slowMinutes * was.sa));
  // A promotion of hours must not become what the slow level remembers.
  const isFar = Math.abs(count - slow) > SETTINGS.huber * slowSd + 1;
  learnLevel(f, o + SLOW_A, was.sa, was.sb, clip(count, slow, slowSd), exposure, isFar ? share * SETTINGS.farWeight : share, slowWalk);
}

/** A count as it is learnt: not further than a few standard deviations from its mean. */
export function clip(count: number, mean: number, sd: number): number {
  return Math.min(Math.max(count, mean - SETTINGS.huber * sd), mean + SETTINGS.huber * sd + 1);
}

/** Judges and learns one minute of a trouble row (denied, failed, a code, ...): a rise relative to the healthy
 *  transactions is bad news, a fall is not. */
export function judgeTrouble(store: SeriesStore, row: number, input: RowInput, exposureBefore: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const { count, exposure } = input;
  if (atU8(store.seen, row) === 0 && !startRow(store, row, count, 0.5, 25 + exposureBefore)) return;
  const a = at(f, o + LEVEL_A);
  const b = at(f, o + LEVEL_B);
  const mean = (a / b) * exposure;
  const dispersion = at(f, o + DISPERSION) + mean / a;
  const nats = input.judge ? gatherTrouble(store, row, count, mean, dispersion, input.bar) : 0;
  noteMinute(f, o, mean, dispersion, minuteZ(count, mean, dispersion));
  const minute = at(f, o + MINUTE_Z) > 6 ? tailNats(at(f, o + MINUTE_Z)) : 0;
  const single = store.parts.minute && minute >= SETTINGS.oneMinuteNats ? minute : 0;
  settle(f, o, input.judge, nats, Math.max(single, store.parts.pair ? pairNats(f, o, 1) : 0));
  const clipped = Math.min(count, mean + SETTINGS.huber * Math.sqrt(mean * dispersion) + 1);
  const weight = input.learn ? Math.max(0, 1 - at(f, o + NATS) / input.bar) : 0;
  f[o + WEIGHT] = weight;
  if (store.parts.dispersion) learnDispersion(f, o, clipped - mean, mean + (mean * mean) / a, weight);
  learnLevel(f, o + LEVEL_A, a, b, clipped, exposure, weight / at(f, o + DISPERSION), BASE_WALK);
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
  f[o + SQUARES] = f[o + VARIANCES] = PRIOR;
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
  const sums = row * STRIDE + UP;
  const run = row * SUMS;
  const most = SETTINGS.downMinuteShare * input.bar;
  let best = 0;
  for (let k = 0; k < (store.parts.ratios ? UP_RATIOS.length : 1); k++) {
    const rise = (input.count * (UP_LOG[k] as number) - high * ((UP_RATIOS[k] as number) - 1)) / dispersion;
    addTo(f, store.runs, sums + k, run + k, rise, input.bar);
    const fall = (input.count * (DOWN_LOG[k] as number) - low * ((DOWN_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(f, store.runs, sums + 3 + k, run + 3 + k, Math.min(fall, most), input.bar);
    if (sum <= best) continue;
    const minutes = atU16(store.runs, run + 3 + k);
    const nats = sum / doubtOf(f, row, low * minutes, sum, DOWN_RATIOS[k] as number, DOWN_LOG[k] as number, input.wander * minutes);
    if (nats > best) {
      best = nats;
      f[row * STRIDE + RUN] = minutes;
    }
  }
  const slowly = gatherSlow(store, row, input, slow);
  f[row * STRIDE + SLOW_NATS] = slowly;
  if (slowly > best) f[row * STRIDE + RUN] = atU16(store.runs, run + SLOW_DOWN - UP);
  return calibrate(store, row, Math.max(best, slowly), 0, input.bar);
}

/** Fall against the slow level: it tells the decay that the fast level follows. It counts as far as the daily curve is
 *  known, and never takes the slow level for more exact than a few percent. */
function gatherSlow(store: SeriesStore, row: number, input: RowInput, slow: number): number {
  const f = store.values;
  const o = row * STRIDE;
  if (input.known === 0) {
    f[o + SLOW_DOWN] = 0;
    return 0;
  }
  const dispersion = at(f, o + DISPERSION) + slow / at(f, o + SLOW_A);
  const fall = (input.count * (DOWN_LOG[0] as number) - slow * (DOWN_RATIOS[0] - 1)) / dispersion;
  const sum = addTo(f, store.runs, o + SLOW_DOWN, row * SUMS + SLOW_DOWN - UP, Math.min(fall, SETTINGS.slowSumMinuteMost), 1e9);
  if (sum === 0) return 0;
  const expected = slow * atU16(store.runs, row * SUMS + SLOW_DOWN - UP);
  const variance = 1 / at(f, o + SLOW_A) + SETTINGS.slowError ** 2;
  return (input.known * sum) / (1 + (expected * variance) / dispersion);
}

function gatherTrouble(store: SeriesStore, row: number, count: number, mean: number, dispersion: number, bar: number): number {
  const f = store.values;
  const sums = row * STRIDE + UP;
  const run = row * SUMS;
  let best = 0;
  for (let k = 0; k < (store.parts.ratios ? UP_RATIOS.length : 1); k++) {
    const rise = (count * (UP_LOG[k] as number) - mean * ((UP_RATIOS[k] as number) - 1)) / dispersion;
    const sum = addTo(f, store.runs, sums + k, run + k, rise, bar);
    if (sum <= best) continue;
    const minutes = atU16(store.runs, run + k);
    const nats = sum / doubtOf(f, row, mean * minutes, sum, UP_RATIOS[k] as number, UP_LOG[k] as number, 0);
    if (nats > best) {
      best = nats;
      f[row * STRIDE + RUN] = minutes;
    }
  }
  return calibrate(store, row, best, 1, bar);
}

/** Factor by which a sum counts for less because all its minutes share one uncertain level. `expected`, `observed`:
 *  counts over the run; what the run itself taught the level is taken out of its certainty. `wandered`: standard
 *  deviation of what the logarithm of the level may have moved during the run without our knowing. */
export function runDoubt(f: Float64Array, o: number, expected: number, observed: number, wandered: number): number {
  const dispersion = at(f, o + DISPERSION);
  const variance = 1 / Math.max(0.3, at(f, o + LEVEL_A) - observed / dispersion) + (wandered / 2) ** 2;
  return 1 + (expected * variance) / dispersion;
}

/** The same for one sum; the observed count follows from the sum itself. */
function doubtOf(f: Float64Array, row: number, expected: number, sum: number, ratio: number, log: number, wandered: number): number {
  const o = row * STRIDE;
  const observed = (sum * at(f, o + DISPERSION) + expected * (ratio - 1)) / log;
  return runDoubt(f, o, expected, observed, wandered);
}

/** One step of a sequential sum; `runs` counts the minutes since it was zero. */
export function addTo(f: Float64Array, runs: Uint16Array, sum: number, run: number, nats: number, bar: number): number {
  const next = Math.min(at(f, sum) + nats, SETTINGS.sumCap * bar);
  if (next <= 0) {
    f[sum] = 0;
    runs[run] = 0;
    return 0;
  }
  f[sum] = next;
  const minutes = atU16(runs, run);
  runs[run] = minutes < 65_535 ? minutes + 1 : minutes;
  return next;
}

/** Evidence after calibration: the sum times the rate of its own tail. Under a right model excursions above a height
 *  are exponential with mean 1; where they run higher (bursts, autocorrelation) the evidence counts for less. */
function calibrate(store: SeriesStore, row: number, sum: number, role: number, bar: number): number {
  const f = store.values;
  const o = row * STRIDE;
  const peak = at(f, o + PEAK);
  if (sum > 0) {
    if (sum > peak) f[o + PEAK] = sum;
  } else if (peak > 0) {
    f[o + PEAK] = 0;
    if (peak > TAIL_FROM && peak < bar) noteTail(store, row, role, Math.min(peak - TAIL_FROM, TAIL_CAP));
  }
  return sum > TAIL_FROM ? sum * tailRate(store, row, role) : sum;
}

function noteTail(store: SeriesStore, row: number, role: number, excess: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const c = tailClass(store, row, role);
  f[o + TAIL_COUNT] = at(f, o + TAIL_COUNT) * 0.99 + 1;
  f[o + TAIL_SUM] = at(f, o + TAIL_SUM) * 0.99 + excess;
  store.tails[c] = at(store.tails, c) * 0.999 + 1;
  store.tails[c + 1] = at(store.tails, c + 1) * 0.999 + excess;
}

/** Rate of the exponential tail of a row's excursions: its own, shrunk to its class, at most 1. */
export function tailRate(store: SeriesStore, row: number, role: number): number {
  if (!store.parts.tail) return 1;
  const c = tailClass(store, row, role);
  const classMean = (at(store.tails, c + 1) + 2 * TAIL_PRIOR) / (at(store.tails, c) + 2 * TAIL_PRIOR);
  const o = row * STRIDE;
  const own = (at(store.values, o + TAIL_SUM) + TAIL_PRIOR * classMean) / (at(store.values, o + TAIL_COUNT) + TAIL_PRIOR);
  return Math.min(1, Math.max(0.25, 1 / own));
}

const tailClass = (store: SeriesStore, row: number, role: number): number =>
  (atU8(store.kinds, Math.floor(row / GROUP_ROWS)) * 2 + role) * 2;

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
  return now > 2 && second > 3 ? 2 * tailNats(second) - 1.0986 : 0;
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

function learnDispersion(f: Float64Array, o: number, error: number, variance: number, weight: number): void {
  if (weight <= 0) return;
  const squares = at(f, o + SQUARES) * KEEP + weight * Math.min(error * error, 12 * variance * at(f, o + DISPERSION)) + PRIOR * (1 - KEEP);
  const variances = at(f, o + VARIANCES) * KEEP + weight * variance + PRIOR * (1 - KEEP);
  f[o + SQUARES] = squares;
  f[o + VARIANCES] = variances;
  f[o + DISPERSION] = Math.min(50, Math.max(1, squares / variances));
}

/** Tunes the memory of a volume: errors that keep their sign ask for a shorter one, errors that swing for a longer. */
function tuneWalk(f: Float64Array, o: number, error: number): void {
  const now = Math.max(-3, Math.min(3, error));
  const step = SETTINGS.levelWalkGain * now * at(f, o + LAST_ERROR) - SETTINGS.levelWalkPull * at(f, o + WALK);
  f[o + WALK] = Math.min(WALK_MOST, Math.max(WALK_LEAST, at(f, o + WALK) + step));
  f[o + LAST_ERROR] = now;
}

/** Gamma level: forgets by the random walk of its logarithm, then adds the minute. */
function learnLevel(
  f: Float64Array,
  at0: number,
  a: number,
  b: number,
  count: number,
  exposure: number,
  weight: number,
  walk: number,
): void {
  const kept = weight > 0 ? 1 / (1 + walk * a) : 1;
  f[at0] = Math.max(1e-9, a * kept + weight * Math.max(0, count));
  f[at0 + 1] = b * kept + weight * exposure;
}
