import type { ImportRow } from './import-rows.ts';

/** Adds up what went in, by what the files say and the server confirms. */
export interface ImportTotals {
  add(row: ImportRow): void;
  /** Transactions by name, of each dimension that occurs: statuses, and auth codes of files without statuses. */
  readonly byDimension: ReadonlyMap<ImportRow['dimension'], ReadonlyMap<string, number>>;
  /** First and last event time, epoch milliseconds; undefined when nothing went in. */
  readonly span: { readonly first: number; readonly last: number } | undefined;
}

/** Makes totals of one import. */
export function createImportTotals(): ImportTotals {
  const byDimension = new Map<ImportRow['dimension'], Map<string, number>>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  return {
    add({ dimension, name, count, at }) {
      let byName = byDimension.get(dimension);
      if (byName === undefined) byDimension.set(dimension, (byName = new Map()));
      byName.set(name, (byName.get(name) ?? 0) + count);
      first = Math.min(first, at);
      last = Math.max(last, at);
    },
    byDimension,
    get span() {
      return first <= last ? { first, last } : undefined;
    },
  };
}
