import { at, atF32, atU16, DISPERSION, LEVEL_A, type SeriesStore, STRIDE, SUMS, UP } from './series-store.ts';
import { SETTINGS } from './settings.ts';

/** Factor by which a sum counts for less because all its minutes share one uncertain level. `expected`, `observed`:
 *  counts over the run; what the run itself taught the level is taken out of its certainty. `wandered`: standard
 *  deviation of what the logarithm of the level may have moved during the run without our knowing. */
export function runDoubt(f: Float64Array, o: number, expected: number, observed: number, wandered: number): number {
  const dispersion = at(f, o + DISPERSION);
  const variance = 1 / Math.max(0.3, at(f, o + LEVEL_A) - observed / dispersion) + (wandered / 2) ** 2;
  return 1 + (expected * variance) / dispersion;
}

/** The same for one sum; the observed count follows from the sum itself. */
export function doubtOf(store: SeriesStore, row: number, sum: number, ratio: number, log: number, wandered: number): number {
  const f = store.values;
  const o = row * STRIDE;
  const expected = atF32(store.masses, row * SUMS + sum);
  const observed = (at(f, o + UP + sum) * at(f, o + DISPERSION) + expected * (ratio - 1)) / log;
  return runDoubt(f, o, expected, observed, wandered);
}

/** One step of a sequential sum of a row by `nats`, of which it takes at most `most`; beside it run its minutes and the
 *  counts that were expected in them, in proportion to what was taken of each minute. */
export function addTo(
  store: SeriesStore,
  row: number,
  sum: number,
  step: { nats: number; expected: number; most: number },
  bar: number,
): number {
  const cell = row * STRIDE + UP + sum;
  const run = row * SUMS + sum;
  const taken = Math.min(step.nats, step.most);
  const reached = at(store.values, cell) + taken;
  if (reached <= 0) {
    clearSum(store, row, sum);
    return 0;
  }
  const next = Math.min(reached, SETTINGS.sumCap * bar);
  const part = step.nats > 0 ? taken / step.nats : 1;
  store.values[cell] = next;
  store.masses[run] = ((atF32(store.masses, run) + part * step.expected) * next) / reached;
  store.runs[run] = Math.min(65_535, atU16(store.runs, run) + 1);
  return next;
}

/** Sets a sequential sum back to nothing. */
export function clearSum(store: SeriesStore, row: number, sum: number): void {
  store.values[row * STRIDE + UP + sum] = 0;
  store.masses[row * SUMS + sum] = 0;
  store.runs[row * SUMS + sum] = 0;
}
