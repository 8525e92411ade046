import {
  at,
  atU8,
  CROSSED,
  GROUP_ROWS,
  groupOfRow,
  MERCHANT,
  PEAK,
  type SeriesStore,
  STRIDE,
  TAIL_COUNT,
  TAIL_SUM,
} from '../series/series-store.ts';
import { DOWN_RATIOS, ADVERSE_RATIOS } from '../series/settings.ts';

/** Excursions are noted from this height; a single one counts at most `TAIL_CAP` above it. */
const TAIL_FROM = 2;
const TAIL_CAP = 8;
const TAIL_PRIOR = 30;
/** Most that one count of an adverse status adds to a sum, nats. */
const ONE_COUNT = Math.log(ADVERSE_RATIOS[ADVERSE_RATIOS.length - 1] as number);

/** What a usual count says against a ratio, nats. */
const rateOf = (ratio: number): number => ratio - 1 - Math.log(ratio);
const sumOf = (ratios: readonly number[]): number => ratios.reduce((sum, ratio) => sum + rateOf(ratio), 0);
/** The same for all ratios of a fall, and of an adverse status. */
export const DOWN_RATES = sumOf(DOWN_RATIOS);
export const ADVERSE_RATES = sumOf(ADVERSE_RATIOS);

/** How rare excursions of the sums are, nats: those of one ratio that reach a height h come at a rate of I exp(-h) a minute
 *  (Siegmund, Sequential Analysis, 1985), I being what a usual minute says against the ratio. */
export const rarityOf = (mean: number, rates: number): number => Math.max(0, -Math.log(mean * rates));

/** A sum of a row in a minute (nats). `role`: 0 volume, 1 adverse; `rarity`: what its rarity adds. */
interface Excursion {
  readonly sum: number;
  readonly role: number;
  readonly rarity: number;
  readonly threshold: number;
}

/** Evidence after calibration: the sum times the rate of its own tail. Under a right model excursions above a height
 *  are exponential with mean 1; where they run higher (bursts, autocorrelation) the evidence counts for less. */
export function calibrate(store: SeriesStore, row: number, { sum, role, rarity, threshold }: Excursion): number {
  const f = store.values;
  const o = row * STRIDE;
  const peak = at(f, o + PEAK);
  if (sum > 0) {
    // What a single count of an adverse status adds at once says nothing about the tail: the excess is taken from where it came to.
    if (sum > TAIL_FROM && peak <= TAIL_FROM) f[o + CROSSED] = role === 0 ? TAIL_FROM : Math.min(sum, TAIL_FROM + ONE_COUNT);
    if (sum > peak) f[o + PEAK] = sum;
  } else if (peak > 0) {
    f[o + PEAK] = 0;
    if (peak > TAIL_FROM && peak < threshold) noteTail(store, row, role, Math.min(peak - at(f, o + CROSSED), TAIL_CAP));
  }
  return sum > TAIL_FROM ? sum * tailRate(store, row, role) + rarity : sum;
}

function noteTail(store: SeriesStore, row: number, role: number, excess: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const c = tailClass(store, row, role);
  f[o + TAIL_COUNT] = at(f, o + TAIL_COUNT) * 0.99 + 1;
  f[o + TAIL_SUM] = at(f, o + TAIL_SUM) * 0.99 + excess;
  if (atU8(store.kinds, groupOfRow(row)) === MERCHANT) store.notes.excursions.push(row, c, excess);
  else noteOfClass(store, c, excess);
}

function noteOfClass({ tails }: SeriesStore, c: number, excess: number): void {
  tails[c] = at(tails, c) * 0.999 + 1;
  tails[c + 1] = at(tails, c + 1) * 0.999 + excess;
}

/** Teaches the classes what the merchants noted. `store.notes` must have it in the order of the rows. */
export function takeExcursions(store: SeriesStore): void {
  const { excursions } = store.notes;
  for (let note = 0; note < excursions.length; note += 3)
    noteOfClass(store, excursions[note + 1] as number, excursions[note + 2] as number);
  excursions.length = 0;
}

/** Rate of the exponential tail of a row's excursions: its own, shrunk to its class, at most 1. */
export function tailRate(store: SeriesStore, row: number, role: number): number {
  if (!store.parts.tail) return 1;
  const c = tailClass(store, row, role);
  const classMean = (at(store.tails, c + 1) + 2 * TAIL_PRIOR) / (at(store.tails, c) + 2 * TAIL_PRIOR);
  const o = row * STRIDE;
  const own = (at(store.values, o + TAIL_SUM) + TAIL_PRIOR * classMean) / (at(store.values, o + TAIL_COUNT) + TAIL_PRIOR);
  return Math.min(1, Math.max(0.25, 1 / own));
}

const tailClass = (store: SeriesStore, row: number, role: number): number =>
  (atU8(store.kinds, Math.floor(row / GROUP_ROWS)) * 2 + role) * 2;

/** Ends the running excursion of a row without taking note of it. */
export function endExcursion(f: Float64Array, o: number): void {
  f[o + PEAK] = 0;
}
