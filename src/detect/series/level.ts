import {
  at,
  DISPERSION,
  LAST_ERROR,
  LEVEL_A,
  LEVEL_B,
  SLOW_A,
  SLOW_B,
  SQUARES,
  TAUGHT_A,
  TAUGHT_B,
  VARIANCES,
  PROCESS_NOISE,
} from './series-store.ts';
import { SETTINGS } from './settings.ts';

const NOISE_LEAST = Math.log(SETTINGS.levelNoiseLeast / SETTINGS.levelProcessNoise);
const NOISE_MOST = Math.log(SETTINGS.levelNoiseMost / SETTINGS.levelProcessNoise);
/** Least certainty (counts, and part of the exposure) that a level keeps without what an excursion taught it. */
const LEAST_LEVEL = 3;
const LEAST_PART = 0.1;
/** What lasts longer than about an hour is no longer taken out; where the curve of the day is not known, longer than minutes. */
const TAUGHT_KEEP = 1 - 1 / 60;
const CURVE_KEEP = 1 - 1 / 10;
const KEEP = SETTINGS.dispersionKeep;
const PRIOR = SETTINGS.dispersionPrior;
const DISPERSION_MOST = 50;
/** Counts above the expected one that still teach the dispersion of what is rare. */
const OVERDISPERSION = 3;

/** A level before a minute. `drift`: growth since the minute before; `known`: how far the curve of the day is known, 0..1. */
interface Level {
  readonly a: number;
  readonly b: number;
  readonly drift: number;
  readonly known: number;
  /** Of a part of the fleet, or of a fleet whose curve is known. */
  readonly isPart: boolean;
}

/** The level without what the running excursion taught it: an incident must not be measured against itself. As long as the
 *  curve of the day is not known, a fall may be the curve. `isRunning`: whether there is an excursion. */
export function levelBefore(f: Float64Array, o: number, { a, b, drift, known, isPart }: Level, isRunning: boolean): number {
  if (!isRunning) {
    clearTaught(f, o);
    return a / b;
  }
  const keep = isPart ? TAUGHT_KEEP : known * TAUGHT_KEEP + (1 - known) * CURVE_KEEP;
  const part = isPart ? known : 1;
  f[o + TAUGHT_A] = at(f, o + TAUGHT_A) * keep;
  f[o + TAUGHT_B] = (at(f, o + TAUGHT_B) * keep) / drift;
  const count = a - part * at(f, o + TAUGHT_A);
  const exposure = b - part * at(f, o + TAUGHT_B);
  return count > LEAST_LEVEL && exposure > LEAST_PART * b ? count / exposure : a / b;
}

/** Takes note of what a minute taught the level. */
export function noteTaught(f: Float64Array, o: number, count: number, exposure: number): void {
  f[o + TAUGHT_A] = at(f, o + TAUGHT_A) + count;
  f[o + TAUGHT_B] = at(f, o + TAUGHT_B) + exposure;
}

/** A count as it is learnt: not further than a few standard deviations from its mean. */
export function clip(count: number, mean: number, sd: number): number {
  return Math.min(Math.max(count, mean - SETTINGS.huber * sd), mean + SETTINGS.huber * sd + 1);
}

/** Teaches the dispersion of a row one error against the variance that a plain Poisson count would have. */
export function learnDispersion(f: Float64Array, o: number, error: number, variance: number, weight: number): void {
  if (weight <= 0) return;
  addSquare(f, o, Math.min(error * error, 12 * variance * at(f, o + DISPERSION)), variance, weight);
  f[o + DISPERSION] = Math.min(DISPERSION_MOST, Math.max(1, at(f, o + SQUARES) / at(f, o + VARIANCES)));
}

/** The same of an adverse row, however rare: what is overdispersed, as the retries of one customer are, shows in few minutes,
 *  and what chance makes of few counts (two standard deviations of their sum of squares) is none. */
export function learnOverdispersion(f: Float64Array, o: number, count: number, mean: number, weight: number): void {
  if (weight <= 0) return;
  const variance = mean + (mean * mean) / at(f, o + LEVEL_A);
  const most = Math.max(OVERDISPERSION, SETTINGS.huber * Math.sqrt(variance * at(f, o + DISPERSION)) + 1);
  addSquare(f, o, Math.min(count - mean, most) ** 2, variance, weight);
  const variances = at(f, o + VARIANCES);
  const chance = 2 * Math.sqrt(Math.max(0, variances - PRIOR));
  f[o + DISPERSION] = Math.min(DISPERSION_MOST, Math.max(1, (at(f, o + SQUARES) - chance) / variances));
}

function addSquare(f: Float64Array, o: number, square: number, variance: number, weight: number): void {
  f[o + SQUARES] = at(f, o + SQUARES) * KEEP + weight * square + PRIOR * (1 - KEEP);
  f[o + VARIANCES] = at(f, o + VARIANCES) * KEEP + weight * variance + PRIOR * (1 - KEEP);
}

/** Tunes the memory of a volume: errors that keep their sign ask for a shorter one, errors that swing for a longer. */
export function tuneProcessNoise(f: Float64Array, o: number, error: number): void {
  const now = Math.max(-3, Math.min(3, error));
  const step = SETTINGS.levelNoiseGain * now * at(f, o + LAST_ERROR) - SETTINGS.levelNoisePull * at(f, o + PROCESS_NOISE);
  f[o + PROCESS_NOISE] = Math.min(NOISE_MOST, Math.max(NOISE_LEAST, at(f, o + PROCESS_NOISE) + step));
  f[o + LAST_ERROR] = now;
}

/** What a minute teaches a level. `a`, `b`: the level before; `walk`: variance of its logarithm in the minute. */
interface Lesson {
  readonly a: number;
  readonly b: number;
  readonly count: number;
  readonly exposure: number;
  readonly weight: number;
  readonly walk: number;
}

/** Gamma level at `level` (index of its `a`): forgets by the random walk of its logarithm, then adds the minute. */
export function learnLevel(f: Float64Array, level: number, { a, b, count, exposure, weight, walk }: Lesson): void {
  const kept = weight > 0 ? 1 / (1 + walk * a) : 1;
  f[level] = Math.max(1e-9, a * kept + weight * Math.max(0, count));
  f[level + 1] = b * kept + weight * exposure;
}

/** Sets both levels of a row to `a / b`, and its dispersion to that of plain counts. */
export function startLevels(f: Float64Array, o: number, a: number, b: number): void {
  f[o + LEVEL_A] = f[o + SLOW_A] = a;
  f[o + LEVEL_B] = f[o + SLOW_B] = b;
  f[o + SQUARES] = f[o + VARIANCES] = PRIOR;
  f[o + DISPERSION] = 1;
}

/** Sets the fast level of a row to `a / b`. */
export function startFast(f: Float64Array, o: number, a: number, b: number): void {
  f[o + LEVEL_A] = a;
  f[o + LEVEL_B] = b;
}

/** Sets the memory of a volume back to the usual one. */
export function clearTuning(f: Float64Array, o: number): void {
  f[o + PROCESS_NOISE] = f[o + LAST_ERROR] = 0;
}

/** Sets the dispersion of a row to an estimate, which weighs as much as the prior. */
export function setDispersion(f: Float64Array, o: number, dispersion: number): void {
  f[o + SQUARES] = PRIOR * dispersion;
  f[o + VARIANCES] = PRIOR;
  f[o + DISPERSION] = Math.min(DISPERSION_MOST, dispersion);
}

/** Multiplies both levels of a row by `ratio`; how certain they are stays. */
export function scaleLevels(f: Float64Array, o: number, ratio: number): void {
  f[o + LEVEL_B] = at(f, o + LEVEL_B) / ratio;
  scaleSlow(f, o, ratio);
}

/** Multiplies the fast level of a row by `ratio`. */
export function scaleFast(f: Float64Array, o: number, ratio: number): void {
  f[o + LEVEL_B] = at(f, o + LEVEL_B) / ratio;
}

/** Multiplies the slow level of a row by `ratio`. */
export function scaleSlow(f: Float64Array, o: number, ratio: number): void {
  f[o + SLOW_B] = at(f, o + SLOW_B) / ratio;
}

/** Takes the fast level of a row, which has followed an incident, back to the slow one. Returns the ratio by which it moved. */
export function returnToSlow(f: Float64Array, o: number): number {
  const ratio = (at(f, o + SLOW_A) * at(f, o + LEVEL_B)) / (at(f, o + SLOW_B) * at(f, o + LEVEL_A));
  f[o + LEVEL_B] = at(f, o + LEVEL_B) / ratio;
  return ratio;
}

/** Expires what the running excursion taught the level. */
export function clearTaught(f: Float64Array, o: number): void {
  f[o + TAUGHT_A] = f[o + TAUGHT_B] = 0;
}

/** Teaches both levels of a row counts that came late, or takes them back. */
export function correctLevels(f: Float64Array, o: number, change: number): void {
  for (const level of [LEVEL_A, SLOW_A]) f[o + level] = Math.max(1e-9, at(f, o + level) + change / at(f, o + DISPERSION));
}

/** Ratio of the fast level to the slow one below which the volume of a promotion is back. */
export const BACK = 1.12;

/** Whether the fast level of a volume is so far above the slow one as in a promotion; `ratio`: how far that is. */
export const isPromoted = (f: Float64Array, o: number, ratio = BACK): boolean =>
  at(f, o + LEVEL_A) * at(f, o + SLOW_B) > ratio * at(f, o + LEVEL_B) * at(f, o + SLOW_A);

/** Adds variance to the logarithm of both levels of a row. */
export function addUncertainty(f: Float64Array, o: number, variance: number): void {
  widenLevel(f, o + LEVEL_A, variance);
  widenLevel(f, o + SLOW_A, variance);
}

/** Adds variance to the logarithm of one level; `level`: index of its `a`. */
export function widenLevel(f: Float64Array, level: number, variance: number): void {
  const kept = 1 / (1 + variance * at(f, level));
  f[level] = at(f, level) * kept;
  f[level + 1] = at(f, level + 1) * kept;
}
