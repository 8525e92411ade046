import { widenLevel, isPromoted } from '../series/level.ts';
import { rowOf, type SeriesStore, SLOW_A, STRIDE } from '../series/series-store.ts';

/** Minutes of a new day in which the slow levels of the fleet take the doubt about its level. */
const DAY_MINUTES = 60;

/** Doubt about the level of the day that has begun: variance of its logarithm that the slow levels of the fleet have not taken yet, and
 *  what they take in a minute. */
export interface DayVariance {
  left: number;
  step: number;
}

/** A day begins whose level differs from that of the day before by `variance`, of its logarithm. */
export function beginDay({ day }: { readonly day: DayVariance }, variance: number): void {
  day.left = variance;
  day.step = variance / DAY_MINUTES;
}

/** Gives the slow levels of the fleet the doubt of a minute. What is far above them is a promotion and not the new day: they wait until
 *  it is over, or they would take it for the level of the day and its end for a fall. */
export function takeDayVariance({ day }: { readonly day: DayVariance }, store: SeriesStore): void {
  if (day.left <= 0 || isPromoted(store.values, 0)) return;
  const variance = Math.min(day.left, day.step);
  day.left -= variance;
  for (const row of [rowOf(0, ''), rowOf(0, 'approved')]) widenLevel(store.values, row * STRIDE + SLOW_A, variance);
}
