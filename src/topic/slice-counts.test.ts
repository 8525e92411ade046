import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSliceCount, sliceCounts, type SlicePart } from './slice-counts.ts';

const part = (fields: Partial<SlicePart>): SlicePart => ({
  status: 'approved',
  auth_code: '',
  merchant_id: '',
  acquirer: '',
  payment_method: '',
  card_bin: '',
  currency: '',
  count: 1,
  amount: 0,
  ...fields,
});

test('a minute is summed by one and two dimensions, with approved amounts by currency', () => {
  const rows = sliceCounts([
    part({ acquirer: 'x', payment_method: 'pix', currency: 'BRL', count: 3, amount: 30.1 }),
    part({ acquirer: 'x', payment_method: 'credit', card_bin: '41111122', currency: 'USD', count: 1, amount: 9 }),
    part({ acquirer: 'x', payment_method: 'pix', status: 'denied', auth_code: '51', count: 2, currency: 'BRL', amount: 500 }),
  ]);
  assert.deepEqual(
    new Map(rows.map(([key, ...rest]) => [key, rest])),
    new Map<string, unknown>([
      [
        '',
        [
          [4, 2],
          ['BRL', 30.1, 'USD', 9],
        ],
      ],
      [
        'a=x',
        [
          [4, 2],
          ['BRL', 30.1, 'USD', 9],
        ],
      ],
      ['a=x\tb=411111', [[1]]],
      ['a=x\tc=51', [[0, 2]]],
      ['a=x\tp=credit', [[1]]],
      ['a=x\tp=pix', [[3, 2]]],
      ['b=411111', [[1], ['USD', 9]]],
      ['b=411111\tp=credit', [[1]]],
      ['c=51', [[0, 2]]],
      ['c=51\tp=pix', [[0, 2]]],
      ['p=credit', [[1], ['USD', 9]]],
      [
        'p=pix',
        [
          [3, 2],
          ['BRL', 30.1],
        ],
      ],
    ]),
  );
  assert.ok(rows.every((row) => isSliceCount(JSON.parse(JSON.stringify(row)))));
});

test('a breakdown counts in no slice, and codes alone are no slices', () => {
  assert.deepEqual(sliceCounts([part({ status: '', auth_code: '51', count: 9 }), part({ count: 5 })]), []);
});

test('of very many merchants the largest are named, whatever the order', () => {
  const parts = Array.from({ length: 900 }, (_, n) => part({ merchant_id: `m-${n}`, acquirer: 'x', count: 1 + (n % 700) }));
  const rows = sliceCounts(parts);
  assert.deepEqual(rows, sliceCounts(parts.toReversed()));
  assert.equal(rows.filter(([key]) => key.startsWith('m=')).length, 500);
  assert.ok(rows.some(([key]) => key === 'm=m-699'));
});
