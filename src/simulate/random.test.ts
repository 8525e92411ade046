import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from './random.ts';

const moments = (draw: () => number, n = 40_000) => {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const x = draw();
    sum += x;
    squares += x * x;
  }
  const mean = sum / n;
  return { mean, variance: squares / n - mean * mean };
};
const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test('the same seed repeats, forks do not disturb each other', () => {
  const draw = (seed: string) => Array.from({ length: 5 }, createRandom(seed).next);
  assert.deepEqual(draw('a'), draw('a'));
  assert.notDeepEqual(draw('a'), draw('b'));
  const random = createRandom('a');
  random.fork('x').next();
  assert.equal(random.next(), createRandom('a').next());
});

describe('poisson has its mean as its variance', () => {
  for (const mean of [0.3, 4, 11.9, 12.1, 60, 400]) {
    test(String(mean), () => {
      const random = createRandom(`p${mean}`);
      const found = moments(() => random.poisson(mean));
      near(found.mean, mean, 5 * Math.sqrt(mean / 40_000));
      near(found.variance / mean, 1, 0.05);
    });
  }
  test('none are drawn when none are expected', () => assert.equal(createRandom('z').poisson(0), 0));
});

describe('binomial', () => {
  for (const [n, p] of [
    [10, 0.5],
    [400, 0.01],
    [50, 0.9],
    [3, 1 / 3],
  ] as const) {
    test(`${n} x ${p}`, () => {
      const random = createRandom(`b${n}`);
      const found = moments(() => random.binomial(n, p));
      near(found.mean, n * p, 5 * Math.sqrt((n * p * (1 - p)) / 40_000));
      near(found.variance / (n * p * (1 - p)), 1, 0.06);
    });
  }
  test('certain and impossible', () => {
    const random = createRandom('c');
    assert.equal(random.binomial(7, 1), 7);
    assert.equal(random.binomial(7, 0), 0);
  });
});

test('normal has mean 0 and variance 1', () => {
  const random = createRandom('n');
  const found = moments(random.normal);
  near(found.mean, 0, 0.03);
  near(found.variance, 1, 0.05);
});
