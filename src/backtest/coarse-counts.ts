import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { MINUTE_MS } from '../clock.ts';
import { judgeSeries, type SeriesOutput } from './backtest-series.ts';

/** Counts of five minutes and more are no minutes. Fewer steps than this tell nothing. */
const LEAST_STEP_MS = 5 * MINUTE_MS;
const LEAST_STEPS = 10;
/** Share of the steps that must be whole ones. */
const REGULAR = 0.9;

/** The step of a file of counts when it is longer than a minute: the median time between two times, when nearly all others
 *  are multiples of it. Null for counts by minute, however few of them there are. */
export function coarseStep(times: readonly number[]): number | null {
  const sorted = times.toSorted((a, b) => a - b);
  const steps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0));
  const median = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  if (steps.length < LEAST_STEPS || median < LEAST_STEP_MS) return null;
  const whole = steps.filter((step) => step % median === 0).length;
  return whole >= REGULAR * steps.length ? median : null;
}

/** Judges counts by steps of `stepMs` as one series for each name. A step without a row counts zero, also where the whole
 *  file has none: a shop at night. Gives a row for every step and name, in order of time and of `names`. */
export function* judgeCoarseCounts(
  counts: readonly (readonly [time: number, counts: ReadonlyMap<string, number>])[],
  { stepMs, names, locale }: { readonly stepMs: number; readonly names: readonly string[]; readonly locale: Locale },
): Generator<SeriesOutput & { readonly status: string }> {
  const first = counts.reduce((least, [time]) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const steps = new Map<number, Map<string, number>>();
  let last = 0;
  for (const [time, cells] of counts) {
    const step = Math.floor((time - first) / stepMs);
    last = Math.max(last, step);
    const sums = steps.get(step) ?? new Map<string, number>();
    for (const [name, count] of cells) sums.set(name, (sums.get(name) ?? 0) + count);
    steps.set(step, sums);
  }
  const judged = names.map((name) => {
    const points = Array.from({ length: last + 1 }, (_, step) => ({
      timestamp: first + step * stepMs,
      value: steps.get(step)?.get(name) ?? 0,
    }));
    return [...judgeSeries(points, locale)].map((verdict) => ({ ...verdict, status: name }));
  });
  for (let step = 0; step <= last; step++) yield* judged.flatMap((rows) => rows.slice(step, step + 1));
}
