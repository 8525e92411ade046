import type { Status } from '@transaction-guardian/contracts/status.ts';
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
  if (parent === undefined || !isCovered(table, query)) return null;
  const entries = entriesOf(table, [...new Set([...(query.key === '' ? [] : [query.key]), ...query.place])].toSorted());
  if (entries.length === 0) return query.isComplete && isPart(query.place) ? { observed: 0, expected: 0 } : null;
  const outcome = query.status === '' ? null : classOf(query.status);
  const outcomes = outcome === null ? CLASS_STATUSES.map((_, index) => index) : [outcome];
  const parentShare = Math.max(1e-12, usualShare(table, parent, outcomes));
  const sum = (of: (entry: number) => number): number => entries.reduce((total, entry) => total + of(entry), 0);
  return {
    observed: sum((entry) => observedOf(table, entry, { ...query, outcomes })),
    expected: (query.expected * sum((entry) => usualShare(table, entry, outcomes))) / parentShare,
  };
}

/** One merchant or acquirer: of these windows may carry every pair. */
const isPart = (place: readonly string[]): boolean => place.length === 1 && /^[am]=/.test(place[0] ?? '');

/** Entry of some dimensions, or those of all its BINs where one is a range of them, which the table does not count. */
function entriesOf(table: SliceTable, dimensions: readonly string[]): number[] {
  const range = dimensions.find((dimension) => dimension.startsWith('b=') && dimension.length < BIN_LENGTH);
  if (range === undefined) {
    const entry = table.index.get(dimensions.join('\t'));
    return entry === undefined ? [] : [entry];
  }
  const others = dimensions.filter((dimension) => dimension !== range);
  return table.dimensions.flatMap((own, entry) => {
    const isInside = own.some((dimension) => dimension.startsWith(range)) && others.every((other) => own.includes(other));
    return isInside && own.length === dimensions.length ? [entry] : [];
  });
}
const BIN_LENGTH = 'b='.length + 6;
