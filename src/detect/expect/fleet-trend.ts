import {
  at,
  atF32,
  atU8,
  DISPERSION,
  EXPECTED,
  LEVEL_A,
  LOW,
  NATS,
  ringSlot,
  rowOf,
  type SeriesStore,
  STRIDE,
  UP,
} from '../series/series-store.ts';
import { BACK, addUncertainty, scaleSlow } from '../series/level.ts';
import { type DayVariance, noDayVariance, takeDayVariance } from './day-variance.ts';
import { SETTINGS } from '../series/settings.ts';
import type { LocalSlot } from '../series/local-time.ts';

/** What a minute keeps of the recent totals. */
const RATIO_KEEP = 0.8;
/** Ratio of the fast level to the slow one above which growth is a promotion, and what a minute of it keeps of the slope before. */
export const GROWN = 2;
const GROWN_KEEP = 0.97;
/** Standard deviation of the growth a minute of a curve of the day that is not known: at first, at least, and the minutes and counts
 *  that teach it. */
const DRIFT_DEVIATION = 0.01;
const LEAST_DRIFT_DEVIATION = 0.002;
const DRIFT_MEMORY_MINUTES = 120;
const DRIFT_COUNTS = 10;
/** As long as the curve is not known, the slow level follows growth of so many standard deviations a minute, and of this at most.
 *  What grows faster is a promotion, unless it lasts for hours. */
const PULL_DEVIATIONS = 10;
const PULL_MOST = 0.1;
const PROMOTION_MINUTES = 360;
/** A jump: the last minutes are this much above the ones before and above the slow level, beyond so many standard deviations. The
 *  curve of a day takes longer. It is a promotion from then on, until the volume is back at this much of the slow level. */
const JUMP = 1.2;
const JUMP_SLOPES = 2;
const JUMP_Z = 4;
const JUMP_MINUTES = 3;
const JUMP_BEFORE = 6;
const JUMP_APART = (JUMP_MINUTES + JUMP_BEFORE) / 2;
/** Minutes that were learnt in a row after which the slow level alone shows a jump, and part of it below which the minutes before
 *  are those of an outage. */
const JUMP_LEARNT = 5;
const JUMP_LOW = 0.8;
/** Counts a minute below which minutes are too uneven to tell a jump from a morning. */
const JUMP_LEAST = 16;
/** Minutes after a jump at which the top of a promotion is reached, those in which it is watched, and times that it may grow in them. */
const TOP_MINUTES = 4;
const TOP_WATCHED = 20;
const TOP_GROWN = 1.12;
/** Counts a minute of the slow level below which even a multiple of it may be a morning that begins at a few transactions, and times
 *  that it then grows in those minutes. */
const MULTIPLE_LEAST = 40;
const MORNING_GROWN = 1.4;
/** What a minute keeps of how far the slow level has followed. */
const PULLED_KEEP = 0.95;
/** Random walk of the slope a minute beyond that of a known curve, with the first standard deviation of its growth. */
const UNKNOWN_SLOPE_NOISE = 2e-6;
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
  /** Minutes that were learnt in a row, and the level that the volume reached after a jump. */
  learntMinutes: number;
  top: number;
  /** By how much the slow level rose of late with a curve that is not known, of its logarithm. */
  pulled: number;
  /** Mean square of the slope: how steep the curve of this day is where it is not known. */
  steepness: number;
  /** Recent observed and expected totals (memory of 5 minutes). */
  observed: number;
  expected: number;
  /** Quarter of an hour of the local day that is being counted, -1 before the first. */
  quarter: number;
  readonly day: DayVariance;
  /** Where learning stopped; null while the fleet is learnt. */
  held: Held | null;
}

/** The trend of a fleet that was never seen. */
export function createTrend(): FleetTrend {
  return {
    slope: 0,
    slopeVariance: SETTINGS.slopeUncertainty,
    covariance: 0,
    knownMinutes: 0,
    grownMinutes: 0,
    learntMinutes: 0,
    top: 0,
    pulled: 0,
    steepness: DRIFT_DEVIATION ** 2,
    observed: 0,
    expected: 0,
    quarter: -1,
    day: noDayVariance(),
    held: null,
  };
}

/** Forgets how the volume has moved: it begins again. */
export function resetTrend(trend: FleetTrend): void {
  const { slope, slopeVariance, covariance, grownMinutes, pulled, steepness, observed, expected } = createTrend();
  Object.assign(trend, { slope, slopeVariance, covariance, grownMinutes, pulled, steepness, observed, expected });
}

/** Whether the curve of the day is too little known to go by. `trust`: how far it is known, 0..1. */
export const isCurveUnknown = (trust: number): boolean => trust < UNKNOWN_TRUST;

/** Growth of the log level a minute that is not in the curve of the day yet. While a promotion lasts, only its fall: the evening goes on
 *  below it, but a morning cannot be distinguished from its own growth. */
export const growthOf = (trend: FleetTrend): number => (isAtTop(trend) ? Math.min(0, trend.slope) : trend.slope);

/** A promotion goes on whose top is reached. */
const isAtTop = ({ grownMinutes }: FleetTrend): boolean => grownMinutes > TOP_MINUTES && grownMinutes < PROMOTION_MINUTES;

/** Standard deviation of the growth of the fleet a minute as far as its curve is not known. `trust`: how far it is, 0..1. */
export const driftDeviationOf = ({ steepness }: FleetTrend, trust: number): number =>
  (isCurveUnknown(trust) ? Math.max(LEAST_DRIFT_DEVIATION, Math.sqrt(steepness)) : LEAST_DRIFT_DEVIATION) * (1 - trust);

/** Most that the slow level of the fleet follows the fast one up in a minute, of its logarithm. */
export const pullOf = (trend: FleetTrend, trust: number): number =>
  isCurveUnknown(trust) && (trend.grownMinutes === 0 || trend.grownMinutes > PROMOTION_MINUTES)
    ? Math.min(PULL_MOST, PULL_DEVIATIONS * driftDeviationOf(trend, trust))
    : 0;

/** What the trend reads of a minute; see `RowMinute`. */
interface FleetMinute {
  readonly count: number;
  readonly slot: number;
  readonly learn: boolean;
  readonly threshold: number;
}

/** What the trend reads of the expectation of the volume; see `VolumeInput`. */
interface FleetVolume {
  readonly predictiveVariance: number;
  readonly driftDeviation: number;
  readonly pull: number;
  readonly pulled: number;
  readonly trust: number;
}

/** Follows the recent ratio of the fleet to its expectation, and its slope. */
export function followTrend(store: SeriesStore, trend: FleetTrend, minute: FleetMinute, input: FleetVolume, growth: number): void {
  const f = store.values;
  if (atU8(store.seen, 0) === 0) return;
  takeDayVariance(trend, store, isCurveUnknown(input.trust));
  const expected = at(f, EXPECTED);
  trend.observed = trend.observed * RATIO_KEEP + minute.count;
  trend.expected = trend.expected * RATIO_KEEP + expected;
  const isUnknown = isCurveUnknown(input.trust);
  const unknown = isUnknown ? (input.driftDeviation / DRIFT_DEVIATION) ** 2 : 0;
  const variance = trend.slopeVariance + SETTINGS.slopeProcessNoise + unknown * UNKNOWN_SLOPE_NOISE;
  const levelVariance = 1 / at(f, LEVEL_A) + input.predictiveVariance;
  // The level is learnt elsewhere: its variance bounds what the two can have in common.
  const shared = Math.sqrt(levelVariance * variance);
  const covariance = Math.min(shared, Math.max(-shared, trend.covariance + trend.slopeVariance));
  const total = levelVariance + at(f, DISPERSION) / Math.max(1e-6, expected);
  const most = 3 * Math.sqrt(total);
  // A promotion is not the curve of the day, neither up nor down.
  const isJump = isUnknown && hasJumped(store, trend, minute);
  const isGrown = isJump || expected > GROWN * at(f, LOW) || (isUnknown && isStillGrown(trend, expected, at(f, LOW)));
  const isTop = isGrown && isUnknown && isAtTop(trend);
  const isUsual = minute.learn && (!isGrown || isTop) && (isTop || input.pull > 0 || at(f, UP) < 0.5 * minute.threshold);
  notePromotion(store, trend, { minute, input, isGrown, isJump });
  if (isGrown && !isTop) trend.slope *= GROWN_KEEP;
  const weight = isUsual ? Math.max(0, 1 - at(f, NATS) / minute.threshold) : 0;
  const error = Math.min(most, Math.max(-most, minute.count / expected - 1 + growth - trend.slope));
  const gain = covariance / total;
  const steepest = isUnknown ? STEEPEST : STEEPEST_KNOWN;
  // The way back is no evening.
  const isBack = isTop && minute.count / expected - 1 < -2 * Math.sqrt(total);
  if (store.parts.slope && !isBack) trend.slope = Math.min(steepest, Math.max(-steepest, trend.slope + weight * gain * error));
  const counts = expected / at(f, DISPERSION);
  trend.steepness += (weight * counts * (trend.slope ** 2 - trend.steepness)) / ((counts + DRIFT_COUNTS) * DRIFT_MEMORY_MINUTES);
  trend.covariance = covariance * (1 - levelVariance / total);
  trend.slopeVariance = Math.min(
    isUnknown ? SLOPE_VARIANCE + UNKNOWN_SLOPES * input.driftDeviation ** 2 : KNOWN_SLOPE_VARIANCE,
    variance - gain * covariance,
  );
}

interface Growth {
  readonly minute: FleetMinute;
  readonly input: FleetVolume;
  readonly isGrown: boolean;
  readonly isJump: boolean;
}

/** Counts the minutes of a promotion. When it begins, the slow levels go back by what they took of it for the curve of the day. What
 *  grew while nothing was learnt is none. */
function notePromotion(store: SeriesStore, trend: FleetTrend, growth: Growth): void {
  const { minute, input, isGrown, isJump } = growth;
  trend.pulled = trend.pulled * PULLED_KEEP + input.pulled + Math.max(0, (1 - input.trust) * trend.slope);
  trend.learntMinutes = minute.learn ? trend.learntMinutes + 1 : 0;
  const isNew = trend.grownMinutes === 0 || (isJump && trend.grownMinutes > PROMOTION_MINUTES);
  if (isGrown && isNew && isCurveUnknown(input.trust)) {
    for (const row of volumes()) scaleSlow(store.values, row * STRIDE, Math.exp(-trend.pulled));
    // A fall before it was no part of it.
    if (trend.slope > 0) trend.slope *= input.trust;
  }
  if (!minute.learn) trend.grownMinutes = PROMOTION_MINUTES;
  else if (!isGrown) trend.grownMinutes = 0;
  else trend.grownMinutes = isNew ? 1 : trend.grownMinutes + 1;
  if (isCurveUnknown(input.trust)) followTop(store, trend, minute.slot);
}

/** A promotion that began with a jump goes on until the volume is back. */
const isStillGrown = ({ grownMinutes }: FleetTrend, expected: number, low: number): boolean =>
  grownMinutes > 0 && grownMinutes < PROMOTION_MINUTES && expected > BACK * low;

/** Whether the total has grown within minutes by more than chance and the slope of the minutes before it do. */
function hasJumped(store: SeriesStore, trend: FleetTrend, minute: FleetMinute): boolean {
  const low = at(store.values, LOW);
  const now = meanOf(store, minute.slot, 0, JUMP_MINUTES);
  const before = meanOf(store, minute.slot, JUMP_MINUTES, JUMP_BEFORE);
  const earlier = meanOf(store, minute.slot, JUMP_MINUTES + JUMP_BEFORE, JUMP_BEFORE);
  if (!minute.learn || low < JUMP_LEAST || now.minutes === 0) return false;
  const isUsual = before.minutes === JUMP_BEFORE && before.mean >= JUMP_LOW * low;
  if (!isUsual && trend.learntMinutes < JUMP_LEARNT) return false;
  const isKnown = isUsual && earlier.minutes > 0 && earlier.mean >= JUMP_LOW * low;
  const rise = isKnown ? (before.mean / earlier.mean) ** ((JUMP_SLOPES * JUMP_APART) / JUMP_BEFORE) : 1;
  const usual = Math.max(before.mean, low);
  const sd = Math.sqrt(usual * at(store.values, DISPERSION) * (1 / now.minutes + 1 / JUMP_BEFORE));
  return now.mean > Math.max(JUMP, rise) * usual && now.mean > usual + JUMP_Z * sd;
}

/** What goes on growing after a jump is the curve of the day after all, unless it is a multiple: a promotion is flat at its top. */
function followTop(store: SeriesStore, trend: FleetTrend, slot: number): void {
  const { grownMinutes } = trend;
  if (grownMinutes < TOP_MINUTES || grownMinutes > TOP_WATCHED) return;
  const { mean } = meanOf(store, slot, 0, JUMP_MINUTES);
  if (grownMinutes === TOP_MINUTES) trend.top = mean;
  else if (isMorning(mean / trend.top, mean, at(store.values, LOW))) trend.grownMinutes = PROMOTION_MINUTES;
}

/** Whether what grew so many times beyond the top of a jump is the curve of the day. */
const isMorning = (grown: number, mean: number, low: number): boolean =>
  (grown > TOP_GROWN && mean < GROWN * low) || (grown > MORNING_GROWN && low < MULTIPLE_LEAST);

/** Mean total of `count` minutes that end `back` minutes before the one in hand. */
function meanOf(store: SeriesStore, slot: number, back: number, count: number): { mean: number; minutes: number } {
  let [sum, minutes] = [0, 0];
  for (let age = back; age < back + count; age++) {
    const value = age === 0 ? at(store.counts, 0) : atF32(store.ring, ringSlot(slot - age));
    if (value < 0) continue;
    sum += value;
    minutes++;
  }
  return { mean: minutes === 0 ? 0 : sum / minutes, minutes };
}

/** Makes the volumes of the fleet less certain after so many minutes of a curve that is not known and was not learnt. */
export function loosenVolumes(store: SeriesStore, minutes: number): void {
  for (const row of volumes()) addUncertainty(store.values, row * STRIDE, (DRIFT_DEVIATION * minutes) ** 2);
}

const volumes = (): number[] => [rowOf(0, ''), rowOf(0, 'approved')];

/** Growth of the fleet while it is not learnt: counted from the point of the local day where learning stopped, so that
 *  what is unknown of the curve in between does not add up. */
export interface Held {
  readonly from: LocalSlot;
  /** Growth of the log level since. */
  applied: number;
}
