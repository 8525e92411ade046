import { at } from '../series/series-store.ts';
import { CLASSES, type SliceTable } from './slice-table.ts';

/** Digits of a whole BIN; fewer are a range. */
const BIN_DIGITS = 6;

/** Entries of one dimension: its own, or those of all BINs of a range. */
export function entriesOf(table: SliceTable, dimension: string): number[] {
  if (!dimension.startsWith('b=') || dimension.length >= 2 + BIN_DIGITS)
    return [table.index.get(dimension) ?? -1].filter((entry) => entry >= 0);
  return table.keys.flatMap((key, entry) => (key.startsWith(dimension) && !key.includes('\t') ? [entry] : []));
}

/** Usual part of all traffic that has these dimensions, 0..1: that of the pair where it is known, else of the smaller one. 0 where
 *  nothing is known. */
export function shareOfTraffic(table: SliceTable, dimensions: readonly string[]): number {
  const pair = table.index.get(dimensions.join('\t'));
  if (pair !== undefined) return shareOf(table, pair);
  const shares = dimensions.map((dimension) => entriesOf(table, dimension).reduce((sum, entry) => sum + shareOf(table, entry), 0));
  return Math.min(1, ...shares);
}

function shareOf(table: SliceTable, entry: number): number {
  let [own, all] = [0, 0];
  for (let outcome = 0; outcome < CLASSES; outcome++) {
    own += at(table.counts, entry * CLASSES + outcome);
    all += at(table.base, entry * CLASSES + outcome);
  }
  return all > 0 ? own / all : 0;
}
