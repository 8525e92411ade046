import type { Status } from '@transaction-guardian/contracts/status.ts';
import { kindBit } from '../../topic/slice-counts.ts';
import { at, atF32, atU16, RING, ringSlot } from '../series/series-store.ts';
import { CLASS_STATUSES, CLASSES, classOf, type SliceTable } from './slice-table.ts';
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
  /** Transactions of the whole that ended as `status` does, so many minutes back. */
  readonly wholeAt: (back: number) => number;
}

/** A figure that is known within bounds; `likely`: what is not known is as what is. */
interface Bounded {
  readonly least: number;
  readonly likely: number;
  readonly most: number;
}

/** What was seen and expected where a whole and a place meet. */
export interface Inside {
  readonly observed: Bounded;
  readonly expected: Bounded;
}

const exactly = (value: number): Bounded => ({ least: value, likely: value, most: value });

/** What was seen and expected where a whole and a place meet; null where the table does not know. Windows carry the largest slices of each
 *  kind: of a minute that has no room for all, what no slice of the whole accounts for may lie in the place as well as elsewhere. */
export function insideOf(table: SliceTable, query: InsideQuery): Inside | null {
  const { key, place, minute, minutes } = query;
  const parent = table.index.get(key);
  if (parent === undefined || !isCovered(table, query)) return null;
  const dimensions = [...new Set([...(key === '' ? [] : [key]), ...place])].toSorted();
  const entries = entriesOf(table, dimensions);
  if (entries.length === 0 && !isPart(place)) return null;
  const outcome = query.status === '' ? null : classOf(query.status);
  const outcomes = outcome === null ? CLASS_STATUSES.map((_, index) => index) : [outcome];
  const observed = sumOf(entries, (entry) => observedOf(table, entry, { ...query, outcomes }));
  const parentShare = Math.max(1e-12, usualShare(table, parent, outcomes));
  // Of a whole that the table has only just seen no share is known: a part expects no more than it.
  const expected = query.expected * Math.min(1, sumOf(entries, (entry) => usualShare(table, entry, outcomes)) / parentShare);
  const bit = kindBit(dimensions);
  const cut = Array.from({ length: minutes }, (_, back) => back).filter((back) => (atU16(table.cut, ringSlot(minute - back)) & bit) !== 0);
  if (cut.length === 0) return { observed: exactly(observed), expected: exactly(expected) };
  const alike = entriesLike(table, dimensions, key);
  const told = (back: number): number =>
    sumOf(alike, (entry) => sumOf(outcomes, (of) => atF32(table.ring, (entry * RING + ringSlot(minute - back)) * CLASSES + of)));
  const untold = sumOf(cut, (back) => Math.max(0, query.wholeAt(back) - told(back)));
  const all = sumOf(alike, (entry) => observedOf(table, entry, { ...query, outcomes }));
  const known = Math.min(1, sumOf(alike, (entry) => countOf(table, entry)) / Math.max(1e-9, countOf(table, parent)));
  return {
    observed: { least: observed, likely: observed * (1 + untold / Math.max(1, all)), most: observed + untold },
    expected: {
      least: expected,
      likely: Math.min(query.expected, expected / Math.max(1e-9, known)),
      most: Math.min(query.expected, expected + query.expected * (1 - known)),
    },
  };
}

const sumOf = (of: readonly number[], what: (each: number) => number): number => of.reduce((total, each) => total + what(each), 0);

/** One merchant or acquirer: where windows carry every pair, one that is not there has no transactions. */
const isPart = (place: readonly string[]): boolean => place.length === 1 && /^[am]=/.test(place[0] ?? '');

/** Entries of the same kind as these dimensions that have a part of the whole. */
function entriesLike(table: SliceTable, dimensions: readonly string[], key: string): number[] {
  return table.dimensions.flatMap((own, entry) => {
    const isLike =
      own.length === dimensions.length && own.every((dimension, place) => dimension.charAt(0) === dimensions[place]?.charAt(0));
    return isLike && (key === '' || own.includes(key)) ? [entry] : [];
  });
}

function countOf(table: SliceTable, entry: number): number {
  let sum = 0;
  for (let outcome = 0; outcome < CLASSES; outcome++) sum += at(table.counts, entry * CLASSES + outcome);
  return sum;
}

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
