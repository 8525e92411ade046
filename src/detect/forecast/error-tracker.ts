import { MINUTE_MS } from '../../clock.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { at } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

const SLOT_MS = 5 * MINUTE_MS;
/** Horizons at which the forecast of the fleet is compared with what came, in slots of five minutes: 1 h, 6 h, 24 h. */
export const HORIZON_SLOTS = [12, 72, 288] as const;
const FIRST = [0, 12, 84];
const CELLS = 372;
/** Index of the errors six hours ahead on another local day, in `errors`. */
const OTHER_DAY = HORIZON_SLOTS.length;
const OTHER_DAY_HORIZON = 1;
/** What is known of the errors forgets in about a week of slots, and starts from a belief worth half a day of them. */
const KEEP = 1 - 1 / 2016;
const BELIEF_WEIGHT = 144;
/** The same for the step to another day, which is one fact a day: a few of them say more than the belief. */
const DAY_SLOTS = 72;
const DAY_KEEP = 0.9 ** (1 / DAY_SLOTS);
const DAY_BELIEF_WEIGHT = 2 * DAY_SLOTS;
/** One error counts at most this many times what is expected of it, squared: a promotion is no error of the curve. */
const CLIP = 9;
/** Least factor on what is believed. */
const LEAST_FACTOR = 0.02;
/** Counts of a slot below which its error is all noise. */
const LEAST = 20;

/** The forecasts of the fleet that wait for their slot, and what came of the past ones. Plain arrays: they go into the
 *  snapshot. `waiting`: pairs of (log of the expected count a minute, NaN for none; believed variance of it). `errors`:
 *  pairs of (squared log errors beyond count noise over what was believed of them; weight), one a horizon and one for
 *  another day. */
export interface ErrorTracker {
  readonly waiting: Float64Array;
  readonly errors: Float64Array;
  /** Count, minutes and number of the running slot. */
  readonly running: Float64Array;
}

export function createErrorTracker(): ErrorTracker {
  return {
    waiting: new Float64Array(CELLS * 2).fill(Number.NaN),
    errors: new Float64Array((HORIZON_SLOTS.length + 1) * 2),
    running: new Float64Array(3).fill(Number.NaN),
  };
}

/** A time ahead: minutes from now, days that taught its curve, and whether it lies on another local day. */
export interface Distance {
  readonly minutes: number;
  readonly days: number;
  readonly isOtherDay: boolean;
}

/** Variance of the log level that is believed of a time ahead on the same day: the level walks, and no day has quite the
 *  curve of the days before; the more of them were seen, the less its mean is off. */
const believed = (minutes: number, days: number): number =>
  SETTINGS.modelError ** 2 * Math.min(1, minutes / 60) +
  SETTINGS.levelProcessNoise * minutes +
  (SETTINGS.dayError ** 2 * Math.min(1, minutes / 360)) / days;

const DAY_BELIEVED = SETTINGS.dayError ** 2;

function factorOf(errorTracker: ErrorTracker, index: number): number {
  const weight = index === OTHER_DAY ? DAY_BELIEF_WEIGHT : BELIEF_WEIGHT;
  return Math.max(LEAST_FACTOR, (at(errorTracker.errors, index * 2) + weight) / (at(errorTracker.errors, index * 2 + 1) + weight));
}

/** Variance of the error of the fleet's log level: what is believed of it, times what its past errors made of the belief. */
export function levelVariance(errorTracker: ErrorTracker, { minutes, days, isOtherDay }: Distance): number {
  const slots = minutes / 5;
  const above = HORIZON_SLOTS.findIndex((horizon) => slots <= horizon);
  const last = HORIZON_SLOTS.length - 1;
  const next = above === -1 ? last : above;
  const before = Math.max(0, next - 1);
  const [low = 0, high = 1] = [HORIZON_SLOTS[before], HORIZON_SLOTS[next]];
  const share = high > low ? Math.min(1, (slots - low) / (high - low)) : 1;
  const factor = (1 - share) * factorOf(errorTracker, before) + share * factorOf(errorTracker, next);
  return factor * believed(minutes, days) + (isOtherDay ? factorOf(errorTracker, OTHER_DAY) * DAY_BELIEVED : 0);
}

/** One minute of the fleet, for the errorTracker. */
export interface TrackedMinute {
  /** Start of the minute, epoch milliseconds. */
  readonly minute: number;
  readonly count: number;
  readonly dispersion: number;
  /** False when the minute is not what a forecast is about: silent, or an anomaly is open. */
  readonly isUsual: boolean;
}

/** What is forecast of a slot: the log of the expected count a minute, NaN where nothing can be said, and the days that
 *  taught its curve. */
export interface TrackedForecast {
  readonly log: number;
  readonly days: number;
}

/** Adds a minute. When it ends a slot, the forecasts of that slot are compared, and `forecast` is asked for those of the
 *  slots ahead (start of the slot, epoch milliseconds). */
export function trackMinute(
  errorTracker: ErrorTracker,
  minute: TrackedMinute,
  slotOf: (timeMs: number) => LocalSlot,
  forecast: (slotMs: number) => TrackedForecast,
): void {
  const { running, waiting } = errorTracker;
  const slot = Math.floor(minute.minute / SLOT_MS);
  if (at(running, 2) !== slot) {
    if (slot - at(running, 2) !== 1) waiting.fill(Number.NaN);
    running[0] = running[1] = 0;
    running[2] = slot;
  }
  if (minute.isUsual) {
    running[0] = at(running, 0) + minute.count;
    running[1] = at(running, 1) + 1;
  }
  if ((minute.minute + MINUTE_MS) % SLOT_MS !== 0) return;
  const isWhole = at(running, 1) === 5;
  const { day } = slotOf(minute.minute);
  for (let horizon = 0; horizon < HORIZON_SLOTS.length; horizon++) {
    const slots = HORIZON_SLOTS[horizon] ?? 1;
    const cell = ((FIRST[horizon] ?? 0) + (((slot % slots) + slots) % slots)) * 2;
    if (isWhole && !Number.isNaN(at(waiting, cell))) {
      const isOtherDay = slotOf((slot - slots) * SLOT_MS).day !== day;
      compare(errorTracker, horizon, { log: at(waiting, cell), belief: at(waiting, cell + 1), dispersion: minute.dispersion, isOtherDay });
    }
    const made = isWhole ? forecast((slot + slots) * SLOT_MS) : { log: Number.NaN, days: 1 };
    waiting[cell] = made.log;
    waiting[cell + 1] = believed(slots * 5, made.days);
  }
}

interface Comparison {
  /** Logarithm of what was expected a minute, and the believed variance of it. */
  readonly log: number;
  readonly belief: number;
  readonly dispersion: number;
  readonly isOtherDay: boolean;
}

function compare(errorTracker: ErrorTracker, horizon: number, { log, belief, dispersion, isOtherDay }: Comparison): void {
  const expected = Math.exp(log) * 5;
  if (!(expected >= LEAST)) return;
  const noise = dispersion / expected;
  const square = Math.log((at(errorTracker.running, 0) + 0.5) / (expected + 0.5)) ** 2 - noise;
  if (!isOtherDay) note(errorTracker, horizon, square / belief, noise / belief, KEEP);
  else if (horizon === OTHER_DAY_HORIZON)
    note(
      errorTracker,
      OTHER_DAY,
      (square - factorOf(errorTracker, horizon) * belief) / DAY_BELIEVED,
      (noise + belief) / DAY_BELIEVED,
      DAY_KEEP,
    );
}

/** Adds a squared error over its belief; `noise`: what else it holds, on the same scale. */
function note(errorTracker: ErrorTracker, index: number, square: number, noise: number, keep: number): void {
  const most = CLIP * (factorOf(errorTracker, index) + noise);
  errorTracker.errors[index * 2] = at(errorTracker.errors, index * 2) * keep + Math.min(square, most);
  errorTracker.errors[index * 2 + 1] = at(errorTracker.errors, index * 2 + 1) * keep + 1;
}
