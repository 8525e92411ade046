import type { Status } from '@transaction-guardian/contracts/transaction.ts';
import { CLASS_STATUSES, classOf, type SliceTable } from './slice-table.ts';
import { isCovered, observedOf, usualShare } from './find-slice.ts';

/** Minutes of a whole, and a place of which its part is asked. */
export interface InsideQuery {
  /** Dimension of the whole; '' for everything. */
  readonly key: string;
  /** Dimensions of the place. */
  readonly place: readonly string[];
  readonly status: Status | '';
  /** What was expected of the whole. */
  readonly expected: number;
  /** Last minute (since the epoch) of how many. */
  readonly minute: number;
  readonly minutes: number;
  /** Windows carry every pair: one that is not there has no transactions. */
  readonly isComplete: boolean;
}

/** What was seen and expected where a whole and a place meet; null where the table does not know. */
export function insideOf(table: SliceTable, query: InsideQuery): { observed: number; expected: number } | null {
  const parent = table.index.get(query.key);
  const key = [...new Set([...(query.key === '' ? [] : [query.key]), ...query.place])].toSorted().join('\t');
  if (parent === undefined || !isCovered(table, query)) return null;
  const entry = table.index.get(key);
  if (entry === undefined) return query.isComplete && query.place.length === 1 ? { observed: 0, expected: 0 } : null;
  const outcome = query.status === '' ? null : classOf(query.status);
  const outcomes = outcome === null ? CLASS_STATUSES.map((_, index) => index) : [outcome];
  const parentShare = Math.max(1e-12, usualShare(table, parent, outcomes));
  return {
    observed: observedOf(table, entry, { ...query, outcomes }),
    expected: (query.expected * usualShare(table, entry, outcomes)) / parentShare,
  };
}
