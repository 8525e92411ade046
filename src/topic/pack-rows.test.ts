import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRows, unpackRows, type FlatRow } from './pack-rows.ts';

const throughJson = (rows: readonly FlatRow[]): FlatRow[] =>
  unpackRows(JSON.parse(JSON.stringify(packRows(rows))) as ReturnType<typeof packRows>);

test('rows come back as they were, with texts of any kind and fields that only some have', () => {
  const rows: FlatRow[] = [
    { merchant: 'a', status: '', count: 0, amount: 0.1 },
    { merchant: 'ção \u0000 "', status: 'denied', count: 9_007_199_254_740_991, amount: -0.5 },
    { merchant: 'a', status: 'denied', count: 1, method: 'pix' },
  ];
  assert.deepEqual(throughJson(rows), rows);
  assert.deepEqual(throughJson([]), []);
});

test('what was not packed is refused', () => {
  const packed = packRows([{ merchant: 'a', count: 1 }]);
  assert.throws(() => unpackRows({ ...packed, length: 2 }), RangeError);
  assert.throws(() => unpackRows({ ...packed, length: -1 }), RangeError);
  assert.throws(() => unpackRows({ length: 1, columns: { merchant: { texts: ['a'], at: [1] } } }), RangeError);
});
