import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MerchantWithAnomaly } from '../store/verbs/anomaly/list-merchants-with-anomalies.ts';
import { rankMerchants } from './rank-merchants.ts';

const Merchant = fc.record({
  counts: fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })),
  weight: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

test('a limit leaves the first of all: worst first, then those with most transactions, then by name', () => {
  fc.assert(
    fc.property(fc.array(Merchant, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (merchants, limit) => {
      const ids = merchants.map((_, at) => `m-${(at * 7919) % 997}`);
      const sums = Float64Array.from(
        merchants.flatMap(({ counts: [approved, failed, denied, reversed] }) => [
          approved + failed + denied + reversed,
          ...[approved, failed, denied, reversed],
        ]),
      );
      const open = merchants.flatMap(({ weight }, at): MerchantWithAnomaly[] =>
        weight === undefined
          ? []
          : [{ merchant_id: ids[at] ?? '', open_anomalies: 1, weight, worst_type: 'no_data', worst_severity: 'warning' }],
      );
      const all = rankMerchants({ ids, sums }, open, 1000);
      assert.equal(all.length, merchants.filter(({ counts, weight }) => weight !== undefined || counts.some((count) => count > 0)).length);
      const inOrder = all.toSorted(
        (a, b) => b.trouble - a.trouble || b.transactions - a.transactions || (a.merchant_id < b.merchant_id ? -1 : 1),
      );
      assert.deepEqual(all, inOrder);
      assert.deepEqual(rankMerchants({ ids, sums }, open, limit), all.slice(0, limit));
    }),
  );
});
