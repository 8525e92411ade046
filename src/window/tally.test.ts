import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, transaction } from './test-records.ts';
import { addTransaction, cellsOf, createCellFinder, createTally, withSlices } from './tally.ts';

const codes = fc.constantFrom('00', '05', '14', '51', '54', '57', '61', '62', '65', '91');
const records = fc.array(
  fc
    .record({
      status: fc.constantFrom('approved' as const, 'denied' as const),
      auth_code: codes,
      merchant_id: fc.constantFrom('m-1', 'm-2'),
      acquirer: fc.constantFrom('', 'acq-1'),
      payment_method: fc.constantFrom('', 'credit', 'pix'),
      currency: fc.constantFrom('', 'BRL'),
      count: fc.nat({ max: 50 }),
      amount: fc.nat({ max: 500 }),
    })
    .map((fields) => transaction(at(0), fields)),
  { maxLength: 200 },
);

test('a finder that remembers cells counts as one that knows none, with more combinations of a merchant than it remembers', () => {
  fc.assert(
    fc.property(records, (all) => {
      const [tally, other, expected] = [createTally(at(0)), createTally(at(1)), createTally(at(0))];
      const find = createCellFinder();
      for (const record of all) {
        addTransaction(tally, record, find);
        // Another minute in between.
        addTransaction(other, record, find);
        addTransaction(expected, record, createCellFinder());
      }
      assert.deepEqual(cellsOf(tally), cellsOf(expected));
      assert.deepEqual(withSlices(tally), withSlices(expected));
      assert.deepEqual(cellsOf(other), cellsOf(expected));
    }),
  );
});
