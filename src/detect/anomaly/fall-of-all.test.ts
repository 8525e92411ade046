import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createProbe } from '../engine/create-detector.ts';
import { isFallOfAll } from './fall-of-all.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { rowOf } from '../series/series-store.ts';
import { drawWindow, MINUTE, seeded, START, ZONE, type Rate } from '../engine/test-traffic.ts';

const CALM = 600;
const DECAY = 45;
const SHOPS = Array.from({ length: 30 }, (_, index) => ({ merchant_id: `m-${index}`, size: 60 / (index + 1) }));

/** Whether the fall of a small merchant is that of everybody, after 45 minutes in which all but `leftOfOne` of its traffic and all but `leftOfAll` of
 *  everybody's went away slowly. */
function judge(seed: number, leftOfOne: number, leftOfAll: number): boolean {
  const random = seeded(seed);
  const probe = createProbe({ timeZone: ZONE });
  const part = (index: number, left: number): number => 1 - (1 - left) * Math.min(1, Math.max(0, (index - CALM) / DECAY));
  for (let index = 0; index < CALM + DECAY; index++) {
    const rates = SHOPS.flatMap(({ merchant_id, size }): Rate[] => {
      const mean = size * part(index, merchant_id === 'm-12' ? leftOfOne : leftOfAll);
      return [
        { merchant_id, status: 'approved', mean: 0.95 * mean },
        { merchant_id, status: 'denied', mean: 0.05 * mean },
      ];
    });
    probe.step(drawWindow(random, index, rates));
  }
  const { store } = probe.state;
  const group = store.index.merchant.get('m-12') ?? -1;
  const minute = { number: START / MINUTE + CALM + DECAY - 1 } as LifecycleMinute;
  return isFallOfAll(store, [], group, { row: rowOf(group, ''), family: 'volume', nats: 20, run: 16 }, minute);
}

suite('a fall of everybody that a small merchant shows first', () => {
  test('is none where the merchant alone falls, or much further than its peers', () => {
    for (const seed of [1, 2]) {
      assert.equal(judge(seed, 0.25, 1), false, `seed ${seed}`);
      assert.equal(judge(seed, 0.01, 0.5), false, `seed ${seed}`);
    }
  });
});
