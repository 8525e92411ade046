import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import { expect, test } from 'vitest';
import { sortMerchants } from './merchant-sort.ts';

const merchant = (merchant_id: string, approval_rate: number | null, trouble = 0): MerchantRow => ({
  merchant_id,
  approval_rate,
  trouble,
  transactions: 1,
  failed: 0,
  denied: 0,
  reversed: 0,
  open_anomalies: 0,
  worst_type: null,
  worst_severity: null,
});
const rows = [merchant('m-10', 90, 1), merchant('m-9', null, 5), merchant('m-2', 40, 1)];
const ids = (sorted: readonly MerchantRow[]) => sorted.map(({ merchant_id }) => merchant_id);

test('trouble leads, equal ones keep their order', () => {
  expect(ids(sortMerchants(rows, { column: 'trouble', isDescending: true }))).toEqual(['m-9', 'm-10', 'm-2']);
});

test('a merchant without a rate is last in both directions', () => {
  expect(ids(sortMerchants(rows, { column: 'approval_rate', isDescending: false }))).toEqual(['m-2', 'm-10', 'm-9']);
  expect(ids(sortMerchants(rows, { column: 'approval_rate', isDescending: true }))).toEqual(['m-10', 'm-2', 'm-9']);
});

test('names sort as people count', () => {
  expect(ids(sortMerchants(rows, { column: 'merchant_id', isDescending: false }))).toEqual(['m-2', 'm-9', 'm-10']);
});
