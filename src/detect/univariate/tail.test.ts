import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../simulate/random.ts';
import { createTail } from './tail.ts';

test('evidence is about minus the log of the share of larger values, whatever the weight of the tail', () => {
  const shapes = { exponential: (u: number) => -Math.log(u) * 2, 'power law': (u: number) => u ** -0.5 };
  for (const [name, shape] of Object.entries(shapes)) {
    const random = createRandom(name);
    const tail = createTail();
    let large = 0;
    const values = 40_000;
    for (let n = 0; n < values; n++) {
      const statistic = shape(1 - random.next());
      if (n >= values / 2 && tail.nats(statistic) >= Math.log(500)) large++;
      tail.learn(statistic);
    }
    const share = large / (values / 2);
    assert.ok(share > 1 / 2000 && share < 1 / 200, `${name}: ${share}`);
  }
});

test('evidence grows with the statistic, and large values make the next ones weigh less', () => {
  const tail = createTail();
  const heights = [0, 1, 2, 3, 5, 10, 100].map((statistic) => tail.nats(statistic));
  assert.deepEqual(
    heights,
    heights.toSorted((a, b) => a - b),
  );
  for (let n = 0; n < 20; n++) tail.learn(50);
  assert.ok(tail.nats(50) < (heights[6] ?? 0) / 2);
});
