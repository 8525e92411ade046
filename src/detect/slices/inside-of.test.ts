import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SliceCount } from '@transaction-guardian/contracts/window.ts';
import { cutKinds } from '../../topic/slice-counts.ts';
import { insideOf } from './inside-of.ts';
import { createSliceTable, learnSlices, noteSlices, type SliceTable } from './slice-table.ts';

/** Pairs of acquirers and merchants of which a window carries the largest. */
const PAIRS = 120;

/** Minutes 0 to 3 of a company in which `m-1` fails once a minute at `acq-1`; `pairs`: how many others windows carry in each. Its own is
 *  carried in the first minute only. */
function tableOf(pairs: number): SliceTable {
  const table = createSliceTable();
  for (let minute = 0; minute < 4; minute++) {
    const others = Array.from({ length: pairs }, (_, n): SliceCount => [`a=acq-2\tm=x-${n}`, [2]]);
    const own: SliceCount[] = minute === 0 ? [['a=acq-1\tm=m-1', [0, 0, 1]]] : [];
    const rows: SliceCount[] = [['', [300]], ['a=acq-1', [9, 0, 1]], ['m=m-1', [0, 0, 1]], ...own, ...others];
    noteSlices(table, minute, 0, rows);
    learnSlices(table, minute, rows, () => false);
  }
  return table;
}

const query = (changes: Partial<Parameters<typeof insideOf>[1]> = {}): Parameters<typeof insideOf>[1] => ({
  key: 'm=m-1',
  place: ['a=acq-1'],
  status: 'failed',
  expected: 0.01,
  minute: 3,
  minutes: 4,
  wholeAt: () => 1,
  ...changes,
});

suite('what lies inside a place', () => {
  test('a pair that a window has no room for may have all that the whole has', () => {
    const inside = insideOf(tableOf(PAIRS), query());
    assert.deepEqual([inside?.observed.least, inside?.observed.most], [1, 4]);
    assert.equal(inside?.observed.likely, 4, 'all that is known lies there');
  });

  test('a pair that a window has room for has nothing where it is not carried', () => {
    const inside = insideOf(tableOf(PAIRS / 2), query());
    assert.deepEqual(inside?.observed, { least: 1, likely: 1, most: 1 });
  });

  test('what lies elsewhere does not lie there', () => {
    const table = tableOf(PAIRS);
    noteSlices(table, 4, 0, [
      ['', [300]],
      ['m=m-1', [0, 0, 3]],
      ['a=acq-2\tm=m-1', [0, 0, 3]],
      ...Array.from({ length: PAIRS }, (_, n): SliceCount => [`a=acq-2\tm=x-${n}`, [2]]),
    ]);
    const inside = insideOf(table, query({ minute: 4, minutes: 1, wholeAt: () => 3 }));
    assert.deepEqual([inside?.observed.least, inside?.observed.most], [0, 0]);
  });

  test('no part expects more than the whole, however short the table has known it', () => {
    const table = tableOf(PAIRS);
    noteSlices(table, 4, 0, [
      ['', [300]],
      ['m=m-2', [0, 0, 1]],
      ['a=acq-1\tm=m-2', [0, 0, 1]],
    ]);
    const { expected } = insideOf(table, query({ key: 'm=m-2', minute: 4, minutes: 1 })) ?? {};
    assert.ok((expected?.most ?? 1) <= 0.01, String(expected?.most));
  });

  test('kinds are cut where they are full, and pairs where one of both has more than are paired', () => {
    const merchants = (count: number): SliceCount[] => Array.from({ length: count }, (_, n): SliceCount => [`m=m-${n}`, [1]]);
    assert.equal(cutKinds([['', [5]], ...merchants(PAIRS)]), 0);
    const [merchant, pair] = [500, PAIRS + 1].map((count) => cutKinds(merchants(count)));
    assert.notEqual(pair, 0);
    assert.notEqual(merchant, pair, 'of merchants themselves there is room for 500');
  });
});
