import type { RowInput } from './judge-row.ts';
import type { Held } from './season.ts';
import { at, atU8, DISPERSION, EXPECTED, LEVEL_A, LOW, NATS, rowOf, type SeriesStore, SLOW_B, STRIDE, UP } from './series-store.ts';
import { forget } from './level.ts';
import { SETTINGS } from './settings.ts';

/** What a minute keeps of the recent totals. */
const RATIO_KEEP = 0.8;
/** Ratio of the fast level to the slow one above which growth is a promotion, and what a minute of it keeps of the slope before. */
export const GROWN = 2;
const GROWN_KEEP = 0.97;
/** Standard deviation of the growth a minute of a curve of the day that is not known: at first, at least, and the minutes and counts
 *  that teach it. */
const WANDER = 0.01;
const LEAST_WANDER = 0.002;
const WANDER_MINUTES = 120;
const WANDER_COUNTS = 10;
/** As long as the curve is not known, the slow level follows growth of so many standard deviations a minute, and of this at most.
 *  What grows faster is a promotion, unless it lasts for hours. */
const PULL_WANDERS = 10;
const PULL_MOST = 0.1;
const PROMOTION_MINUTES = 360;
/** What a minute keeps of how far the slow level has followed. */
const PULLED_KEEP = 0.95;
/** Random walk of the slope a minute beyond that of a known curve, with the first standard deviation of its growth. */
const UNKNOWN_SLOPE_WALK = 2e-6;
/** Steepest slope and most variance of it, where the curve is known. */
const STEEPEST_KNOWN = 0.03;
const KNOWN_SLOPE_VARIANCE = 1e-4;
/** The same where it is not: the variance grows with the square of the standard deviation of the growth. */
const STEEPEST = 0.08;
const SLOPE_VARIANCE = 1e-5;
const UNKNOWN_SLOPES = 5;
/** Trust below which a curve counts as not known. */
const UNKNOWN_TRUST = 0.05;

/** Scalars of the fleet that live from minute to minute. */
export interface FleetTrend {
  /** Slope of the log level a minute, its variance and its covariance with the level (Kalman, local linear trend). */
  slope: number;
  slopeVariance: number;
  covariance: number;
  /** Minutes for which the curve of the day has been known, and for which the volume has been far above its slow level. */
  knownMinutes: number;
  grownMinutes: number;
  /** By how much the slow level rose of late with a curve that is not known, of its logarithm. */
  pulled: number;
  /** Mean square of the slope: how steep the curve of this day is where it is not known. */
  steepness: number;
  /** Recent observed and expected totals (memory of 5 minutes). */
  observed: number;
  expected: number;
  /** Quarter of an hour of the local day that is being counted, -1 before the first. */
  quarter: number;
  /** Where learning stopped; null while the fleet is learnt. */
  held: Held | null;
}

/** The trend of a fleet that was never seen. */
export function createTrend(): FleetTrend {
  return {
    slope: 0,
    slopeVariance: SETTINGS.slopeDoubt,
    covariance: 0,
    knownMinutes: 0,
    grownMinutes: 0,
    pulled: 0,
    steepness: WANDER ** 2,
    observed: 0,
    expected: 0,
    quarter: -1,
    held: null,
  };
}

/** Whether the curve of the day is too little known to go by. `trust`: how far it is known, 0..1. */
export const isCurveUnknown = (trust: number): boolean => trust < UNKNOWN_TRUST;

/** Standard deviation of the growth of the fleet a minute as far as its curve is not known. `trust`: how far it is, 0..1. */
export const wanderOf = ({ steepness }: FleetTrend, trust: number): number =>
  (isCurveUnknown(trust) ? Math.max(LEAST_WANDER, Math.sqrt(steepness)) : LEAST_WANDER) * (1 - trust);

/** Most that the slow level of the fleet follows the fast one up in a minute, of its logarithm. */
export const pullOf = (trend: FleetTrend, trust: number): number =>
  isCurveUnknown(trust) && (trend.grownMinutes === 0 || trend.grownMinutes > PROMOTION_MINUTES)
    ? Math.min(PULL_MOST, PULL_WANDERS * wanderOf(trend, trust))
    : 0;

/** Follows the recent ratio of the fleet to its expectation, and its slope. */
export function followTrend(store: SeriesStore, trend: FleetTrend, input: RowInput, growth: number): void {
  const f = store.values;
  if (atU8(store.seen, 0) === 0) return;
  const expected = at(f, EXPECTED);
  trend.observed = trend.observed * RATIO_KEEP + input.count;
  trend.expected = trend.expected * RATIO_KEEP + expected;
  const isUnknown = isCurveUnknown(input.trust);
  const unknown = isUnknown ? (input.wander / WANDER) ** 2 : 0;
  const variance = trend.slopeVariance + SETTINGS.slopeWalk + unknown * UNKNOWN_SLOPE_WALK;
  const levelVariance = 1 / at(f, LEVEL_A) + input.doubt;
  // The level is learnt elsewhere: its variance bounds what the two can have in common.
  const shared = Math.sqrt(levelVariance * variance);
  const covariance = Math.min(shared, Math.max(-shared, trend.covariance + trend.slopeVariance));
  const total = levelVariance + at(f, DISPERSION) / Math.max(1e-6, expected);
  const most = 3 * Math.sqrt(total);
  // A promotion is not the curve of the day, neither up nor down.
  const isGrown = expected > GROWN * at(f, LOW);
  const isUsual = input.learn && !isGrown && (input.pull > 0 || at(f, UP) < 0.5 * input.bar);
  notePromotion(store, trend, input, isGrown);
  if (isGrown) trend.slope *= GROWN_KEEP;
  const weight = isUsual ? Math.max(0, 1 - at(f, NATS) / input.bar) : 0;
  const error = Math.min(most, Math.max(-most, input.count / expected - 1 + growth - trend.slope));
  const gain = covariance / total;
  const steepest = isUnknown ? STEEPEST : STEEPEST_KNOWN;
  if (store.parts.slope) trend.slope = Math.min(steepest, Math.max(-steepest, trend.slope + weight * gain * error));
  const counts = expected / at(f, DISPERSION);
  trend.steepness += (weight * counts * (trend.slope ** 2 - trend.steepness)) / ((counts + WANDER_COUNTS) * WANDER_MINUTES);
  trend.covariance = covariance * (1 - levelVariance / total);
  trend.slopeVariance = Math.min(
    isUnknown ? SLOPE_VARIANCE + UNKNOWN_SLOPES * input.wander ** 2 : KNOWN_SLOPE_VARIANCE,
    variance - gain * covariance,
  );
}

/** Counts the minutes of a promotion. When it begins, the slow levels go back by what they took of it for the curve of the day. What
 *  grew while nothing was learnt is none. */
function notePromotion(store: SeriesStore, trend: FleetTrend, input: RowInput, isGrown: boolean): void {
  trend.pulled = trend.pulled * PULLED_KEEP + input.pulled + Math.max(0, (1 - input.trust) * trend.slope);
  if (isGrown && trend.grownMinutes === 0 && isCurveUnknown(input.trust)) {
    for (const row of volumes()) store.values[row * STRIDE + SLOW_B] = at(store.values, row * STRIDE + SLOW_B) * Math.exp(trend.pulled);
    trend.slope *= input.trust;
  }
  if (!input.learn) trend.grownMinutes = PROMOTION_MINUTES;
  else trend.grownMinutes = isGrown ? trend.grownMinutes + 1 : 0;
}

/** Makes the volumes of the fleet less certain after so many minutes of a curve that is not known and was not learnt. */
export function loosenVolumes(store: SeriesStore, minutes: number): void {
  for (const row of volumes()) forget(store.values, row * STRIDE, (WANDER * minutes) ** 2);
}

const volumes = (): number[] => [rowOf(0, ''), rowOf(0, 'approved')];
