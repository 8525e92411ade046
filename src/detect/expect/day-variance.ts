import { widenLevel, isPromoted } from '../series/level.ts';
import {
  atU8,
  GROUP_ROWS,
  isHere,
  kindOfGroup,
  LEVEL_A,
  rowOf,
  type SeriesStore,
  SLOW_A,
  STRIDE,
  valueOf,
} from '../series/series-store.ts';

/** Minutes of a new day in which the slow levels of the fleet take the doubt about its level. */
const DAY_MINUTES = 60;
/** Standard deviations of what a day differs from the one before, beyond which a volume is in a promotion. */
const PROMOTED_DEVIATIONS = 3;

/** Doubt about the level of the day that has begun: variance of its logarithm as a whole, what of it the slow levels of the fleet have not
 *  taken yet, and what they take in a minute. `isNew`: no minute of the day was judged. */
export interface DayVariance {
  whole: number;
  left: number;
  step: number;
  isNew: boolean;
}

/** No day has begun. */
export const noDayVariance = (): DayVariance => ({ whole: 0, left: 0, step: 0, isNew: false });

/** A day begins whose level differs from that of the day before by `variance`, of its logarithm. */
export function beginDay({ day }: { readonly day: DayVariance }, variance: number): void {
  day.whole = day.left = variance;
  day.step = variance / DAY_MINUTES;
  day.isNew = true;
}

/** Gives the slow levels the doubt about the day. What is far above them is a promotion and not the new day: it waits until that is
 *  over, or the slow levels would take it for the level of the day and its end for a fall. Where the curve of the day is known, far is what
 *  no day differs from the one before, and the doubt comes with the first minute; where it is not known, that of the fleet comes within
 *  an hour. */
export function takeDayVariance({ day }: { readonly day: DayVariance }, store: SeriesStore, isCurveUnknown: boolean): void {
  const { whole, isNew } = day;
  day.isNew = false;
  if (isNew) widenParts(store, whole, isCurveUnknown);
  if (day.left <= 0 || isAbove(store, 0, whole, isCurveUnknown)) return;
  const variance = isNew && !isCurveUnknown ? day.left : Math.min(day.left, day.step);
  day.left -= variance;
  for (const row of [rowOf(0, ''), rowOf(0, 'approved')]) widenLevel(store.values, row * STRIDE + SLOW_A, variance);
}

/** Gives the slow levels of the parts of the fleet the doubt about a new day at once. */
export function widenParts(store: SeriesStore, whole: number, isCurveUnknown: boolean): void {
  for (let group = 1; group < store.groups; group++) {
    if (!isHere(store, group)) continue;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++)
      if (isVolume(store, row) && !isAbove(store, row, whole, isCurveUnknown)) widenLevel(store.values, row * STRIDE + SLOW_A, whole);
  }
}

/** True of the rows that follow the level of the day: the total and the approved ones of a group, the healthy codes apart. */
export const isVolume = (store: SeriesStore, row: number): boolean =>
  row % GROUP_ROWS < 2 && atU8(store.seen, row) === 1 && !(row % GROUP_ROWS === 0 && kindOfGroup(store, row / GROUP_ROWS) === 'auth_code');

function isAbove(store: SeriesStore, row: number, whole: number, isCurveUnknown: boolean): boolean {
  if (!isPromoted(store.values, row * STRIDE)) return false;
  if (isCurveUnknown) return true;
  const levels = 1 / valueOf(store, row, LEVEL_A) + 1 / valueOf(store, row, SLOW_A);
  return isPromoted(store.values, row * STRIDE, Math.exp(PROMOTED_DEVIATIONS * Math.sqrt(whole + levels)));
}
