import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBands, countQuantile } from './count-band.ts';

test('quantiles of small counts are those of the Poisson distribution', () => {
  // R: qpois(c(.1, .9, .005, .995), 6.3)
  assert.deepEqual(countBands(6.3, 6.3, 0), { low80: 3, high80: 10, low99: 1, high99: 14 });
  assert.equal(countQuantile(0, 0, 0.9, 1.28), 0);
});

test('quantiles of overdispersed counts are those of the negative binomial distribution', () => {
  // R: qnbinom(c(.1, .9), size = 5, mu = 20)
  assert.deepEqual([countQuantile(20, 100, 0.1, -1.2816), countQuantile(20, 100, 0.9, 1.2816)], [9, 33]);
});

test('the exact and the continuous quantiles meet', () => {
  for (const [p, z] of [
    [0.005, -2.5758],
    [0.9, 1.2816],
  ] as const) {
    const below = countQuantile(399.9, 2000, p, z);
    assert.ok(Math.abs(countQuantile(400.1, 2000, p, z) - below) <= 2, `${p}`);
  }
});

test('doubt about the mean widens both bands, the outer one more', () => {
  const sure = countBands(1000, 1000, 0);
  const doubtful = countBands(1000, 1000, 10_000);
  assert.ok(doubtful.low80 < sure.low80 && doubtful.high80 > sure.high80);
  assert.ok((doubtful.high99 - 1000) / (sure.high99 - 1000) > (doubtful.high80 - 1000) / (sure.high80 - 1000));
});
