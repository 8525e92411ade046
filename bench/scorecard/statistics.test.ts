import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poissonUpper, shareMargin } from './statistics.ts';

test('the upper bound of a Poisson mean is that of the tables', () => {
  assert.deepEqual(
    [0, 1, 5].map((events) => Math.round(poissonUpper(events) * 100) / 100),
    [3, 4.74, 10.51],
  );
});

test('the margin of a share shrinks with the trials and is not zero at the ends', () => {
  assert.ok(shareMargin(0.5, 100) > shareMargin(0.5, 1000));
  assert.ok(shareMargin(1, 100) > 0.01);
});
