import { at, atF32, atU16, DISPERSION, LEVEL_A, type SeriesStore, STRIDE, SUMS, TAUGHT_A, UP } from '../series/series-store.ts';
import { DOWN_RATIOS, SETTINGS, UP_RATIOS } from '../series/settings.ts';

/** Factor by which a sum counts for less because all its minutes share one uncertain level. `expected`: counts over the
 *  run; `taught`: what it taught the level, which is taken out of its certainty. `drifted`: standard deviation of what the
 *  logarithm of the level may have moved during the run without our knowing. */
export function runUncertainty(f: Float64Array, o: number, expected: number, taught: number, drifted: number): number {
  const variance = 1 / Math.max(0.3, at(f, o + LEVEL_A) - taught) + (drifted / 2) ** 2;
  return 1 + (expected * variance) / at(f, o + DISPERSION);
}

/** The same for one sum of a ratio. That of the smallest change began before the excursion that is noted: what it taught
 *  follows from the sum itself. */
export function uncertaintyFactor(store: SeriesStore, row: number, sum: number, ratio: number, drifted: number): number {
  const f = store.values;
  const o = row * STRIDE;
  const expected = atF32(store.masses, row * SUMS + sum);
  const isSmall = ratio === UP_RATIOS[0] || ratio === DOWN_RATIOS[0];
  const taught = isSmall ? (at(f, o + UP + sum) + (expected * (ratio - 1)) / at(f, o + DISPERSION)) / Math.log(ratio) : at(f, o + TAUGHT_A);
  return runUncertainty(f, o, expected, taught, drifted);
}

/** Most evidence (nats) that the counts of a rise can be when the level is uncertain: the deviance of their sum under the
 *  Gamma-Poisson distribution. It matters where the level is known from a few counts, whose predictiveVariance is far from normal. `mixed`:
 *  standard deviation of its logarithm beyond that. */
export function mostOfRise(store: SeriesStore, row: number, sum: number, ratio: number, mixed: number): number {
  const f = store.values;
  const o = row * STRIDE;
  const dispersion = at(f, o + DISPERSION);
  const expected = atF32(store.masses, row * SUMS + sum) / dispersion;
  const observed = (at(f, o + UP + sum) + expected * (ratio - 1)) / Math.log(ratio);
  const level = 1 / (1 / Math.max(0.3, at(f, o + LEVEL_A) - at(f, o + TAUGHT_A)) + mixed ** 2);
  return observed * Math.log(observed / expected) - (observed + level) * Math.log((observed + level) / (expected + level));
}

/** One step of a sequential sum of a row by `nats`, of which it takes at most `most`; beside it run its minutes and the
 *  counts that were expected in them, in proportion to what was taken of each minute. */
export function addTo(
  store: SeriesStore,
  row: number,
  sum: number,
  step: { nats: number; expected: number; most: number },
  threshold: number,
): number {
  const cell = row * STRIDE + UP + sum;
  const run = row * SUMS + sum;
  const taken = Math.min(step.nats, step.most);
  const reached = at(store.values, cell) + taken;
  if (reached <= 0) {
    clearSum(store, row, sum);
    return 0;
  }
  const next = Math.min(reached, SETTINGS.sumCap * threshold);
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

/** Sets every sequential sum of a row back to nothing. */
export function clearSums(store: SeriesStore, row: number): void {
  store.values.fill(0, row * STRIDE + UP, row * STRIDE + UP + SUMS);
  store.masses.fill(0, row * SUMS, (row + 1) * SUMS);
  store.runs.fill(0, row * SUMS, (row + 1) * SUMS);
}
