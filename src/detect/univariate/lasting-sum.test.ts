import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../simulate/random.ts';
import { createLastingSum } from './lasting-sum.ts';

const QUIET = 3000;

/** Most evidence in what follows long quiet noise. `keep`: how much of an error the next one has. */
function mostAfterQuiet(keep: number, then: readonly number[]): number {
  const random = createRandom('lasting sum');
  const sum = createLastingSum();
  let drift = 0;
  const noise = (): number => (drift = keep * drift + Math.sqrt(1 - keep * keep) * random.normal());
  for (let n = 0; n < QUIET; n++) sum(noise(), 1);
  return then.reduce((most, error) => Math.max(most, sum(error + noise(), 1)), 0);
}

test('small errors that last are reported within eight values, one large error is not', () => {
  assert.ok(mostAfterQuiet(0, Array<number>(8).fill(3)) > 6);
  assert.ok(mostAfterQuiet(0, Array<number>(8).fill(-3)) > 6);
  assert.ok(mostAfterQuiet(0, [50, 0, 0, 0, 0, 0, 0, 0]) < 5);
});

test('the same errors tell less where errors depend on each other, and nothing while they only stay', () => {
  const shift = Array<number>(8).fill(3);
  assert.ok(mostAfterQuiet(0.9, shift) < 0.5 * mostAfterQuiet(0, shift));
  const sum = createLastingSum();
  const told = Array.from({ length: 60 }, (_, index) => sum(index < 20 ? 0 : 5, 1));
  assert.ok(told.slice(20, 28).some((nats) => nats > 5));
  assert.ok(told.slice(40).every((nats) => nats === 0));
});
