import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFilledGap } from './filled-gap.ts';

const filledOf = (values: readonly number[]): number[] => {
  const isFilled = createFilledGap();
  return values.flatMap((value, index) => (isFilled(value) ? [index] : []));
};

test('a line drawn through a gap is told from the third step on, counters and flat stretches are none', () => {
  assert.deepEqual(filledOf([3, 5, 5.4, 5.8, 6.2, 6.6, 7, 9]), [4, 5]);
  assert.deepEqual(filledOf([1, 2, 3, 4, 5, 6]), []);
  assert.deepEqual(filledOf([0.5, 0.5, 0.5, 0.5, 0.5]), []);
  assert.deepEqual(filledOf([0.5, 1.5, 2.6, 3.6, 4.5]), []);
});
