import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import { groupOfRow, rowOf, statusOfRow } from './series-store.ts';

test('every status has a row of its own in every group, however many there are', () => {
  const rows = [0, 1, 2].flatMap((group) => ['', ...STATUSES].map((status) => ({ group, status, row: rowOf(group, status as '') })));
  assert.equal(new Set(rows.map(({ row }) => row)).size, rows.length);
  for (const { group, status, row } of rows) assert.deepEqual([groupOfRow(row), statusOfRow(row)], [group, status]);
});
