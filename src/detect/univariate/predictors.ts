import type { DaySlot } from './day-profile.ts';

/** Values over which the fast, the weekly and the slow levels forget. */
const FAST = 6;
const WEEKLY = 12;
const SLOW = 200;
/** Kept of the errors of the predictors; their power in the weights: much better ones decide nearly alone. */
const ERROR_KEEP = 0.99;
const WEIGHT_POWER = 4;

const LAST = 0;
const FAST_LEVEL = 1;
const SLOW_LEVEL = 2;
const DAY_FAST = 3;
const DAY_SLOW = 4;
const WEEK = 5;
const LAST_AND_DAY = 6;
const WEEK_SLOW = 7;
const PREDICTORS = 8;
/** The last one only serves the slow expectation. */
const MIXED = 7;

export interface Predictors {
  /** Expectations of the next value: `near` is the mix of all predictors, `slow` the best of the slow ones, which an
   *  incident does not carry along. `scale`: usual error. The object is reused. */
  expect(slot: Readonly<DaySlot>, scale: number): { readonly near: number; readonly slow: number };
  /** Takes in the value: `clipped` moves the levels, misses count up to `mostMiss`. */
  learn(slot: Readonly<DaySlot>, value: number, clipped: number, mostMiss: number): void;
}

/** Predictors of one series, weighted by how small their recent errors were: the last value, a fast and a slow level, and
 *  levels on top of the shape of the day and of the week. Deterministic, O(1) a value. */
export function createPredictors(first: number): Predictors {
  const guesses = new Float64Array(PREDICTORS).fill(Number.NaN);
  const errors = new Float64Array(PREDICTORS).fill(Number.NaN);
  const expected = { near: first, slow: first };
  let seen = 1;
  let last = first;
  let fast = first;
  let slow = first;
  let dayFast = 0;
  let daySlow = 0;
  let weekFast = 0;
  let weekSlow = 0;
  let meanBefore = Number.NaN;

  function guess({ mean, week }: Readonly<DaySlot>): void {
    guesses[LAST] = last;
    guesses[FAST_LEVEL] = fast;
    guesses[SLOW_LEVEL] = slow;
    guesses[DAY_FAST] = mean + dayFast;
    guesses[DAY_SLOW] = mean + daySlow;
    guesses[WEEK] = week + weekFast;
    guesses[LAST_AND_DAY] = last + mean - (Number.isNaN(meanBefore) ? mean : meanBefore);
    guesses[WEEK_SLOW] = week + weekSlow;
  }

  function mix(scale: number): number {
    let sum = 0;
    let weights = 0;
    for (let k = 0; k < MIXED; k++) {
      const guessed = guesses[k] ?? 0;
      const error = errors[k] ?? 0;
      if (Number.isNaN(guessed) || Number.isNaN(error)) continue;
      const weight = (error + 1e-3 * scale + 1e-12) ** -WEIGHT_POWER;
      sum += weight * guessed;
      weights += weight;
    }
    return weights > 0 ? sum / weights : last;
  }

  /** A shape speaks for the slow expectation once it was seen twice and while it is better than the plain level. */
  function bestSlow({ days, weeks }: Readonly<DaySlot>): number {
    let best = SLOW_LEVEL;
    if (days >= 2 && (errors[DAY_SLOW] ?? 0) < (errors[best] ?? 0)) best = DAY_SLOW;
    if (weeks >= 2 && (errors[WEEK_SLOW] ?? 0) < (errors[best] ?? 0)) best = WEEK_SLOW;
    return guesses[best] ?? slow;
  }

  return {
    expect: (slot, scale) => {
      guess(slot);
      expected.near = mix(scale);
      expected.slow = bestSlow(slot);
      return expected;
    },
    learn: ({ mean, week }, value, clipped, mostMiss) => {
      const keep = Math.min(ERROR_KEEP, 1 - 1 / (seen + 1));
      for (let k = 0; k < PREDICTORS; k++) {
        const guessed = guesses[k] ?? 0;
        if (Number.isNaN(guessed)) continue;
        const miss = Math.min(Math.abs(value - guessed), mostMiss);
        const error = errors[k] ?? Number.NaN;
        errors[k] = Number.isNaN(error) ? miss : keep * error + (1 - keep) * miss;
      }
      last = value;
      fast += (clipped - fast) / FAST;
      slow += (clipped - slow) * Math.max(1 / SLOW, 1 / (seen + 1));
      if (!Number.isNaN(mean)) {
        dayFast += (clipped - mean - dayFast) / FAST;
        daySlow += (clipped - mean - daySlow) / SLOW;
      }
      if (!Number.isNaN(week)) {
        weekFast += (clipped - week - weekFast) / WEEKLY;
        weekSlow += (clipped - week - weekSlow) / SLOW;
      }
      meanBefore = mean;
      seen++;
    },
  };
}
