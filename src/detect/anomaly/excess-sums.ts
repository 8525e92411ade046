import { atU8, LEVEL_A, LEVEL_B, type SeriesStore, valueOf } from '../series/series-store.ts';
import { recent } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';

/** Usual count a minute of a row, by its level. */
export const usual = (store: SeriesStore, row: number): number =>
  valueOf(store, row, LEVEL_A) / Math.max(1e-9, valueOf(store, row, LEVEL_B));

/** What was observed and expected in rows over the last `run` minutes; of a volume by the level, which does not follow the run. */
export function sumOfRows(
  store: SeriesStore,
  rows: readonly number[],
  { family, minute, run }: { readonly family: Family; readonly minute: number; readonly run: number },
): { observed: number; expected: number } {
  const sum = { observed: 0, expected: 0 };
  for (const row of rows) {
    if (atU8(store.seen, row) === 0) continue;
    const past = recent(store, row, minute, run);
    sum.observed += past.observed;
    sum.expected += family === 'volume' ? usual(store, row) * past.minutes : past.expected;
  }
  return sum;
}
