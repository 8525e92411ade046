import {
  at,
  atU16,
  atU8,
  GROUP_ROWS,
  isHere,
  QUARTERS,
  LEVEL_A,
  LEVEL_B,
  LONG_OPEN,
  type SeriesStore,
  STRIDE,
  valueOf,
} from '../series/series-store.ts';
import { addUncertainty } from '../series/level.ts';
import { SETTINGS } from '../series/settings.ts';

/** Transactions that a quarter of an hour has to promise for its silence to mean anything. */
const SURE_COUNT = 4;
/** The last days that are asked, and how many of them must have shut at the same time; and the same days of the last weeks. */
const DAYS = [1, 2, 3] as const;
const DAYS_ENOUGH = 2;
const WEEK = 7;
/** Quarters around now in one of which traffic ended on other days: it is half an hour early or late. */
const STEPS_BEFORE = [-2, -1, 0] as const;
/** Quarters around now in which a part has to have been open to be missed: the first of a day are often nearly empty. */
const STEPS_OPEN = [-4, -3, -2, -1, 0] as const;
/** Standard deviation of the level of a morning against the evening before, as a share. */
const MORNING_ERROR = 0.5;

/** Opening hours of the parts of the fleet, and of the fleet itself: where traffic ends at about the same time of the local
 *  day on two of the last three days (or on this weekday of the last two weeks), its end is no fall. The part is shut until
 *  its next transaction, or until the time at which it is usually open again. True in the minute in which it shuts.
 *
 *  `quietDays` has, for every quarter of an hour of the local day, the last sixteen days as bits (1: not a single
 *  transaction), the newest lowest. A quarter that is not over yet has yesterday's bit lowest. */
export function followHours(store: SeriesStore, group: number, quarter: number, canShut: boolean): boolean {
  const total = group * GROUP_ROWS;
  if (at(store.counts, total) > 0) {
    store.stirred[group] = 1;
    if (isShut(store, group)) loosen(store, total);
    store.openFor[group] = Math.min(LONG_OPEN, atU8(store.openFor, group) + 1);
    return false;
  }
  if (isShut(store, group)) {
    if (isOverdue(store, group, quarter)) store.openFor[group] = LONG_OPEN;
    return false;
  }
  if (!canShut || !shutsUsually(store, group, quarter) || !isBusy(store, total)) return false;
  store.openFor[group] = 0;
  return true;
}

/** Files the quarter of an hour that ended. */
export function fileQuarter(store: SeriesStore, ended: number): void {
  for (let group = 0; group < store.groups; group++) {
    if (!isHere(store, group)) continue;
    const cell = group * QUARTERS + ended;
    store.quietDays[cell] = (atU16(store.quietDays, cell) << 1) | (atU8(store.stirred, group) === 0 ? 1 : 0);
    store.stirred[group] = 0;
  }
}

/** True while a part is shut. */
export const isShut = (store: SeriesStore, group: number): boolean => atU8(store.openFor, group) === 0;

/** True while a part is shut and in the first quarter of an hour after: no day begins like the one before. */
export const isFreshlyOpen = (store: SeriesStore, group: number): boolean => atU8(store.openFor, group) <= SETTINGS.learningMinutes;

/** The level in the morning is another than the one of the evening. */
function loosen(store: SeriesStore, total: number): void {
  for (const row of [total, total + 1]) addUncertainty(store.values, row * STRIDE, MORNING_ERROR ** 2);
}

function isBusy(store: SeriesStore, total: number): boolean {
  return 15 * valueOf(store, total, LEVEL_A) >= SURE_COUNT * valueOf(store, total, LEVEL_B);
}

/** Traffic ended at about this time on other days. */
function shutsUsually(store: SeriesStore, group: number, quarter: number): boolean {
  const shut = (day: number): boolean =>
    wasQuiet(store, group, quarter, 2, day) && STEPS_BEFORE.some((step) => !wasQuiet(store, group, quarter, step, day));
  return DAYS.filter(shut).length >= DAYS_ENOUGH || (shut(WEEK) && shut(2 * WEEK));
}

/** A part that is shut had been open for an hour by now on other days, and on this weekday. */
function isOverdue(store: SeriesStore, group: number, quarter: number): boolean {
  const wasOpen = (day: number): boolean => STEPS_OPEN.every((step) => !wasQuiet(store, group, quarter, step, day));
  return wasQuiet(store, group, quarter, -1, 0) && DAYS.filter(wasOpen).length >= DAYS_ENOUGH && wasOpen(WEEK);
}

/** Whether a quarter near this one had no transaction so many days ago. */
function wasQuiet(store: SeriesStore, group: number, quarter: number, step: number, day: number): boolean {
  const cell = group * QUARTERS + ((quarter + step + QUARTERS) % QUARTERS);
  const bit = step < 0 ? day : day - 1;
  return ((atU16(store.quietDays, cell) >> bit) & 1) === 1;
}
