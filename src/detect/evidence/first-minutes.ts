import { resetTrend, type FleetTrend } from '../expect/fleet-trend.ts';
import { clearTaught, clearTuning, setDispersion, startFast, startLevels } from '../series/level.ts';
import { clearZ } from './row-minute.ts';
import { at, atF32, atU8, GROUP_ROWS, LEVEL_A, RING, ringSlot, type SeriesStore, SLOW_A, STRIDE } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { clearSums } from './sequential-sum.ts';

/** Latest minutes that say what a group has, the ones before that must say the same, and least of either that must be known. */
const LATEST = 7;
const EARLIER = 5;
const LEAST_KNOWN = 4;
/** Ratio and standard deviations of a minute above which a level is of another scale, and counts a minute below which none is. */
const APART = 1.25;
const APART_DEVIATIONS = 2;
const LEAST_COUNT = 20;
/** A volume grew from nearly nothing: counts a minute that it had at most, and that it has for so many minutes at least. */
const SLIGHT = 10;
const GROWN_COUNT = 50;
const GROWN_MINUTES = 15;
/** Scales a median of absolute deviations to the standard deviation of a normal distribution. */
const NORMAL_MAD = 1.4826;
const VOLUMES = 2;
const DAY = 1440;

/** How groups begin again in a minute, as `beginAgain` says. */
export interface Beginning {
  readonly age: number;
  readonly slot: number;
  readonly withFleet: boolean;
}

/** Begins a group again at what it has had of late, where its levels come from minutes that were no usual ones: a feed begins in the
 *  middle of a minute, or with what its client had kept, or after single transactions of a test. Levels follow a few standard deviations
 *  a minute, so that they would take an hour to come from there, and not stop at once where they should. Looks when the group has been
 *  watched for long enough to be judged, and, until the fleet is a day old (`age`, minutes), where its volume grew from nearly nothing;
 *  what grew with it begins again with it (`withFleet`). Call it before the minute is judged, for the fleet first. `slot`: cell of the
 *  minute in the ring; `trend`: that of the fleet, null for a part. True when the group begins again. */
export function beginAgain(store: SeriesStore, trend: FleetTrend | null, group: number, { age, slot, withFleet }: Beginning): boolean {
  const total = group * GROUP_ROWS;
  if (atU8(store.seen, total) === 0) return false;
  const mayHaveGrown = (group === 0 ? age < DAY : withFleet) && at(store.counts, total) >= GROWN_COUNT;
  const isOther = store.ages[group] === SETTINGS.learningMinutes && isOfAnotherScale(store, total, slot);
  if (!isOther && !(mayHaveGrown && hasGrown(store, total, slot))) return false;
  const exposure = sumOf(store, total + 1, slot);
  for (let row = total; row < total + GROUP_ROWS; row++) {
    if (atU8(store.seen, row) === 0) continue;
    if (row < total + VOLUMES) startVolume(store, row, slot);
    // The rate by the same minutes; how uneven it is stays as it was learnt.
    else if (exposure > 0) startFast(store.values, row * STRIDE, sumOf(store, row, slot) + 0.5, exposure);
    forgetRun(store, row);
  }
  if (trend !== null) resetTrend(trend);
  return true;
}

/** Whether the latest minutes differ from the level by more than chance, and those before them agree with the latest, or are too few to
 *  matter. */
function isOfAnotherScale(store: SeriesStore, row: number, slot: number): boolean {
  const level = levelOf(store, row, LEVEL_A);
  const latest = countsOf(store, row, slot, 1, LATEST);
  const usual = medianOf(latest);
  if (latest.length < LEAST_KNOWN || Math.max(usual, level) < LEAST_COUNT) return false;
  const isApart = (one: number): boolean =>
    Math.max(one, usual) > APART * Math.min(one, usual) &&
    Math.abs(one - usual) > APART_DEVIATIONS * Math.sqrt(usual * dispersionOf(latest));
  if (!isApart(level)) return false;
  const earlier = countsOf(store, row, slot, LATEST + 1, EARLIER);
  return usual > SETTINGS.spikeRatio * level || (earlier.length >= LEAST_KNOWN && !isApart(medianOf(earlier)));
}

/** Whether a volume whose slow level is nearly nothing has had a multiple of it in each of the last minutes: as long as that level stands for
 *  what is usual, no fall is one. */
function hasGrown(store: SeriesStore, row: number, slot: number): boolean {
  const level = levelOf(store, row, SLOW_A);
  if (level >= SLIGHT) return false;
  const least = Math.max(GROWN_COUNT, SETTINGS.spikeRatio * level);
  for (let back = 1; back <= GROWN_MINUTES; back++) if (countAt(store, row, slot, back) < least) return false;
  return true;
}

function startVolume(store: SeriesStore, row: number, slot: number): void {
  const counts = countsOf(store, row, slot, 1, LATEST);
  const usual = medianOf(counts);
  if (counts.length === 0 || usual <= 0) return;
  const dispersion = dispersionOf(counts);
  startLevels(store.values, row * STRIDE, (usual * counts.length) / dispersion, counts.length / dispersion);
  setDispersion(store.values, row * STRIDE, dispersion);
}

/** What was gathered against the level before is no evidence. */
function forgetRun(store: SeriesStore, row: number): void {
  clearSums(store, row);
  clearTaught(store.values, row * STRIDE);
  clearTuning(store.values, row * STRIDE);
  clearZ(store.values, row * STRIDE);
}

/** Counts a minute of a level. `column`: of its `a`; its `b` is the next one. */
const levelOf = (store: SeriesStore, row: number, column: number): number =>
  at(store.values, row * STRIDE + column) / at(store.values, row * STRIDE + column + 1);

/** Count of the minute `back` minutes ago, below zero where it is not known. */
const countAt = (store: SeriesStore, row: number, slot: number, back: number): number =>
  atF32(store.ring, row * RING + ringSlot(slot - back));

function countsOf(store: SeriesStore, row: number, slot: number, from: number, minutes: number): number[] {
  return Array.from({ length: minutes }, (_minute, n) => countAt(store, row, slot, from + n)).filter((count) => count >= 0);
}

const sumOf = (store: SeriesStore, row: number, slot: number): number =>
  countsOf(store, row, slot, 1, LATEST).reduce((sum, count) => sum + count, 0);

function medianOf(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

/** Variance over mean by the median of the absolute deviations, 1 at least. */
function dispersionOf(counts: readonly number[]): number {
  const usual = medianOf(counts);
  return Math.max(1, (NORMAL_MAD * medianOf(counts.map((count) => Math.abs(count - usual)))) ** 2 / Math.max(1, usual));
}
