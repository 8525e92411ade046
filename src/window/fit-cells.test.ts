import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '@transaction-guardian/contracts/window.ts';
import { fitCells } from './fit-cells.ts';

const many = (merchants: number): Cell[] =>
  Array.from({ length: merchants }, (_, index) =>
    ['approved', 'denied'].map((status): Cell => ({
      status: status as Cell['status'],
      auth_code: '00',
      merchant_id: `m-${index}`,
      acquirer: 'a',
      count: index + 1,
      amount: 0.1,
    })),
  ).flat();

const sum = (cells: readonly Cell[], status: string): number =>
  cells.filter((cell) => cell.status === status).reduce((total, { count }) => total + count, 0);

test('the largest merchants stay, the others are added up, totals by status stay exact', () => {
  const cells = many(1000);
  const fitted = fitCells(cells, 50_000);
  assert.ok(Buffer.byteLength(JSON.stringify(fitted)) <= 50_000);
  for (const status of ['approved', 'denied']) assert.equal(sum(fitted, status), sum(cells, status));
  assert.ok(fitted.some(({ merchant_id }) => merchant_id === 'm-999'));
  assert.ok(!fitted.some(({ merchant_id }) => merchant_id === 'm-0'));
  assert.equal(fitted.filter(({ merchant_id }) => merchant_id === '').length, 2);
});

test('the order of the cells does not matter', () => {
  const cells = many(1000);
  assert.deepEqual(fitCells(cells.toReversed(), 50_000), fitCells(cells, 50_000));
});

test('what fits stays as it is', () => {
  const cells = many(3);
  assert.deepEqual(
    new Set(fitCells(cells, 50_000).map((cell) => JSON.stringify(cell))),
    new Set(cells.map((cell) => JSON.stringify(cell))),
  );
});
