import { scaleExpected } from './row-minute.ts';
import {
  at,
  atF32,
  atU16,
  DISPERSION,
  EXPECTED,
  groupOfRow,
  kindOfGroup,
  LOW,
  NATS,
  rowOf,
  RING,
  RUN,
  type SeriesStore,
  SLOW_A,
  SLOW_B,
  SLOW_NATS,
  STRIDE,
  SUMS,
  UP,
  PROCESS_NOISE,
  LAST_ERROR,
  SLOW_DOWN,
} from '../series/series-store.ts';
import { learnLevel, returnToSlow, clearTaught } from '../series/level.ts';
import { SETTINGS } from '../series/settings.ts';

/** Rate ratios of the two sums and what they keep a minute: about six hours and a day. */
const RATIOS = [1.3, 1.15] as const;
const LOGS = RATIOS.map(Math.log);
/** Minutes of the shorter memory, and least ratio that is reported. */
export const RISE_MEMORY = 360;
export const LEAST_RISE = RATIOS[1];
const KEEPS = [1 - 1 / RISE_MEMORY, 1 - 1 / 1440] as const;
/** What the short window keeps: a twelfth of the long one. */
const SHORT_KEEP = 1 - 1 / 30;
/** Evidence (nats) of the short window that it is over. */
const OVER_NATS = 2;
/** Ratio of the fast level of the approved ones to the slow one from which they have grown. */
const GROWN = 1.3;
/** What a nat of a rise counts: days differ in more than the reference knows. */
const RISE_WEIGHT = 0.85;
/** Minutes of a run that are one try: c = 2 on Poisson streams (two sums choose the windows), shared by the six octaves of
 *  windows from twenty minutes to a day. */
const RUN_TRIES = 2 * 6;
/** Sums below this are not looked at. */
const LEAST_SUM = 1;
/** Part of the strongest evidence from which the quicker sum dates the beginning. */
const QUICKER_SHARE = 0.8;
/** Minutes of reference from which its own error is learnt, and of memory of that error. */
const ERROR_FROM = 360;
const ERROR_MINUTES = 10_080;
const ERROR_PRIOR = 1440;
/** Counts in six hours at which the error of the reference is seen half as clearly as without noise. */
const ERROR_COUNTS = 50;

/** Columns that otherwise only volumes use: the two sums, observed counts of the last six hours, variance of the log rate
 *  around the reference, and minutes that taught it. In `masses`: what goes along with them, and the short window. */
const SUM = UP + 4;
const OBSERVED = SLOW_DOWN;
const ERROR = PROCESS_NOISE;
const KNOWN = LAST_ERROR;
const MASS = 4;
const SHORT_OBSERVED = 6;
const SHORT_USUAL = 7;
const USUAL = 8;

/** What rises slowly in a row: fading sums of the counts since it began, and the minutes since then. */
export interface SustainedRise {
  readonly observed: number;
  readonly expected: number;
  readonly minutes: number;
  /** What a count a minute would sum up to. */
  readonly weight: number;
}

/** Evidence (nats) that an adverse status has been a little above its slow reference for long. Two CUSUM (Page 1954) of small ratios with
 *  a memory of six hours and a day find where it began; the evidence is the Gamma-Poisson deviance of their counts, whose
 *  shape is the certainty of the reference. A short window must not say that it is over (Google, SRE workbook, ch. 5). */
export function gatherRise(store: SeriesStore, row: number, count: number, exposure: number, threshold: number): number {
  const f = store.values;
  const o = row * STRIDE;
  if (!store.parts.burn || at(f, o + KNOWN) < SETTINGS.riseKnownMinutes) return 0;
  if (isGrown(store, row)) return 0;
  const dispersion = at(f, o + DISPERSION);
  const mean = (at(f, o + SLOW_A) / at(f, o + SLOW_B)) * exposure;
  const masses = store.masses;
  const m = row * SUMS;
  masses[m + SHORT_OBSERVED] = atF32(masses, m + SHORT_OBSERVED) * SHORT_KEEP + count;
  masses[m + SHORT_USUAL] = atF32(masses, m + SHORT_USUAL) * SHORT_KEEP + mean;
  const minute = { count, mean, dispersion };
  stepSum(store, row, 0, minute);
  stepSum(store, row, 1, minute);
  const quick = sustainedRiseNats(store, row, 0);
  const slow = sustainedRiseNats(store, row, 1);
  const k = strongerSum(quick, slow);
  const nats = Math.max(quick, slow);
  if (nats === 0) return 0;
  const minutes = atU16(store.runs, m + MASS + k);
  return Math.min(RISE_WEIGHT * nats + creditOf(store, row, k), (minutes / SETTINGS.riseLeastMinutes) * threshold);
}

/** The sum that shows a rise, by the evidence of the two: the quicker one unless it is much weaker, since it shows the beginning. */
const strongerSum = (quick: number, slow: number): 0 | 1 => (quick >= QUICKER_SHARE * slow ? 0 : 1);

/** How rare runs as long as this are, nats. The threshold counts every minute as a try, but a likelihood ratio over windows of m
 *  minutes comes to h by chance at a rate of c exp(-h) / m (Siegmund and Venkatraman, Annals of Statistics 23, 1995). */
function creditOf(store: SeriesStore, row: number, k: 0 | 1): number {
  const minutes = atU16(store.runs, row * SUMS + MASS + k);
  const certainty = certaintyOf(store.values, row * STRIDE);
  // The error of the reference lasts for hours as rises do: what may be its doing gets none.
  const chance = certainty / (certainty + countsOf(store, row, k).expected);
  return chance ** 2 * Math.max(0, Math.log(minutes / RUN_TRIES));
}

/** A promotion mixes the traffic again: shares of it are no rise. */
function isGrown(store: SeriesStore, row: number): boolean {
  const group = groupOfRow(row);
  const approved = rowOf(group, 'approved') * STRIDE;
  return at(store.values, approved + EXPECTED) > GROWN * at(store.values, approved + LOW);
}

function stepSum(store: SeriesStore, row: number, k: 0 | 1, minute: { count: number; mean: number; dispersion: number }): void {
  const { count, mean, dispersion } = minute;
  const cell = row * STRIDE + SUM + k;
  const m = row * SUMS + MASS + k;
  const next = at(store.values, cell) * KEEPS[k] + (count * (LOGS[k] as number) - mean * (RATIOS[k] - 1)) / dispersion;
  if (next <= 0) {
    store.values[cell] = store.masses[m] = store.runs[m] = 0;
    return;
  }
  store.values[cell] = next;
  store.masses[m] = atF32(store.masses, m) * KEEPS[k] + mean;
  store.runs[m] = Math.min(65_535, atU16(store.runs, m) + 1);
}

/** Counts of a sum, in units of the dispersion. */
function countsOf(store: SeriesStore, row: number, k: 0 | 1): { observed: number; expected: number } {
  const expected = atF32(store.masses, row * SUMS + MASS + k) / at(store.values, row * STRIDE + DISPERSION);
  return { expected, observed: (at(store.values, row * STRIDE + SUM + k) + expected * (RATIOS[k] - 1)) / (LOGS[k] as number) };
}

/** A running rise, for who wants to know where it is heading. Counts are in units of the dispersion. */
export interface RiseAhead {
  /** Of each sum: part that it keeps a minute, its counts, its minutes, and its evidence (nats). */
  readonly sums: readonly RiseSum[];
  /** Usual counts a minute, and what the reference is worth in counts. */
  readonly usual: number;
  readonly certainty: number;
  /** What the rarity of so long a run adds to the evidence, nats. */
  readonly credit: number;
}

interface RiseSum {
  readonly keep: number;
  readonly observed: number;
  readonly expected: number;
  readonly minutes: number;
  readonly nats: number;
}

/** The sums of an adverse row as they are, also while they say nothing yet. */
export function riseAhead(store: SeriesStore, row: number): RiseAhead {
  const nats = [sustainedRiseNats(store, row, 0), sustainedRiseNats(store, row, 1)] as const;
  const sums = ([0, 1] as const).map((k) => {
    const minutes = atU16(store.runs, row * SUMS + MASS + k);
    return { keep: KEEPS[k], ...countsOf(store, row, k), minutes, nats: RISE_WEIGHT * nats[k] };
  });
  const dispersion = at(store.values, row * STRIDE + DISPERSION);
  const usual = (atF32(store.masses, row * SUMS + SHORT_USUAL) * (1 - SHORT_KEEP)) / dispersion;
  const credit = creditOf(store, row, strongerSum(...nats));
  return { sums, usual, certainty: certaintyOf(store.values, row * STRIDE), credit };
}

/** Evidence (nats) of a rise of so many counts: their Gamma-Poisson deviance. */
export const riseEvidence = (observed: number, expected: number, certainty: number): number =>
  RISE_WEIGHT * deviance(observed, expected, certainty);

const deviance = (observed: number, expected: number, certainty: number): number =>
  observed * Math.log(observed / expected) - (observed + certainty) * Math.log((observed + certainty) / (expected + certainty));

/** What the reference is worth in counts: its own, as far as hours keep to it. */
const certaintyOf = (f: Float64Array, o: number): number => 1 / (1 / at(f, o + SLOW_A) + errorOf(f, o));

function sustainedRiseNats(store: SeriesStore, row: number, k: 0 | 1): number {
  const f = store.values;
  const o = row * STRIDE;
  if (at(f, o + SUM + k) < LEAST_SUM) return 0;
  const { observed, expected } = countsOf(store, row, k);
  const ratio = observed / expected;
  const m = row * SUMS;
  const normal = atF32(store.masses, m + SHORT_USUAL) * (ratio - 1) - atF32(store.masses, m + SHORT_OBSERVED) * Math.log(ratio);
  if (normal > OVER_NATS * at(f, o + DISPERSION)) return 0;
  return deviance(observed, expected, certaintyOf(f, o));
}

/** Variance of the log rate around the reference: hours differ at least by a few percent. */
const errorOf = (f: Float64Array, o: number): number => Math.max(SETTINGS.riseError ** 2, at(f, o + ERROR));

/** The run that the slow evidence of a row is about. */
export function sustainedRiseOf(store: SeriesStore, row: number): SustainedRise {
  const k = strongerSum(sustainedRiseNats(store, row, 0), sustainedRiseNats(store, row, 1));
  const { observed, expected } = countsOf(store, row, k);
  const dispersion = at(store.values, row * STRIDE + DISPERSION);
  const minutes = atU16(store.runs, row * SUMS + MASS + k);
  const weight = (1 - KEEPS[k] ** minutes) / (1 - KEEPS[k]);
  return { observed: observed * dispersion, expected: expected * dispersion, minutes, weight };
}

/** Teaches the slow reference (memory of days) a minute, and how far six hours of it are off beyond what chance does. Codes
 *  have none: their shares move with the mix of merchants, and a rise of one shows in its status. */
export function learnRiseReference(store: SeriesStore, row: number, count: number, exposure: number, weight: number): void {
  if (weight <= 0 || kindOfGroup(store, groupOfRow(row)) === 'auth_code') return;
  const f = store.values;
  const o = row * STRIDE;
  const a = at(f, o + SLOW_A);
  const b = at(f, o + SLOW_B);
  const dispersion = at(f, o + DISPERSION);
  const known = Math.min(ERROR_MINUTES, at(f, o + KNOWN) + weight);
  f[o + KNOWN] = known;
  const observed = at(f, o + OBSERVED) * KEEPS[0] + weight * count;
  const usual = atF32(store.masses, row * SUMS + USUAL) * KEEPS[0] + (weight * a * exposure) / b;
  f[o + OBSERVED] = observed;
  store.masses[row * SUMS + USUAL] = usual;
  if (known <= ERROR_FROM) f[o + ERROR] = SETTINGS.slowError ** 2;
  else {
    // An exponentially weighted sum has half the variance of a plain one; the reference has an error of its own.
    const chance = dispersion / (2 * usual) + 1 / a;
    const error = Math.min(1, (observed / usual - 1) ** 2 - chance);
    const clear = usual / (usual + ERROR_COUNTS * dispersion);
    f[o + ERROR] = at(f, o + ERROR) + ((error - at(f, o + ERROR)) * weight * clear) / (ERROR_PRIOR + known);
  }
  learnLevel(f, o + SLOW_A, { a, b, count, exposure, weight: weight / dispersion, walk: 1 / (SETTINGS.riseMinutes * a) });
}

/** True when an adverse row shows a sustained rise. */
export function isSustainedRise(store: SeriesStore, row: number): boolean {
  const slowly = at(store.values, row * STRIDE + SLOW_NATS);
  // What took longer than the ring has no better measure than the slow sums.
  const share = at(store.values, row * STRIDE + RUN) > RING ? 0.5 : 0.9;
  const isRunning = sustainedRiseOf(store, row).minutes > 0;
  return isRunning && slowly > 0 && slowly >= share * at(store.values, row * STRIDE + NATS);
}

/** Takes the fast level of a row, which has followed a sustained rise, back to the reference. */
export function restoreRise(store: SeriesStore, row: number): void {
  const f = store.values;
  const o = row * STRIDE;
  scaleExpected(f, o, returnToSlow(f, o));
  clearTaught(f, o);
}

/** Adds late rows of a minute to the sums that have it in them. */
export function correctRise(store: SeriesStore, row: number, change: number, age: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const m = row * SUMS;
  for (const k of [0, 1] as const) {
    if (atU16(store.runs, m + MASS + k) <= age) continue;
    const cell = o + SUM + k;
    f[cell] = Math.max(0, at(f, cell) + (change * (LOGS[k] as number)) / Math.max(1, at(f, o + DISPERSION)));
  }
  store.masses[m + SHORT_OBSERVED] = Math.max(0, atF32(store.masses, m + SHORT_OBSERVED) + change);
  f[o + OBSERVED] = Math.max(0, at(f, o + OBSERVED) + change);
}

/** Expires what a row gathered slowly. */
export function clearRise(store: SeriesStore, row: number): void {
  const m = row * SUMS + MASS;
  for (const k of [0, 1]) store.values[row * STRIDE + SUM + k] = store.masses[m + k] = store.runs[m + k] = 0;
}
