import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poissonUpper, shareMargin, signTest } from './statistics.ts';

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

test('the sign test is that of fair coins', () => {
  assert.equal(signTest(0, 0), 1);
  assert.equal(signTest(3, 3), 1);
  assert.equal(signTest(8, 0), 2 / 256);
  assert.equal(signTest(1, 7), signTest(7, 1));
  assert.equal(signTest(1, 7), (2 * (1 + 8)) / 256);
});
