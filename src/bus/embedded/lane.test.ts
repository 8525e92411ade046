import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { createBusMetrics } from '../metrics.ts';
import { createLane } from './lane.ts';
import type { AppendRequest } from './writer.ts';

/** A lane over a disk that commits when the test says so; `commits`: records of each request that the writer was given. */
function laneUnderTest() {
  const commits: number[] = [];
  const waiting: (() => void)[] = [];
  let next = 0;
  const lane = createLane({
    ...{ topic: TOPICS.transactions, partitions: 1 },
    ...{ clock: { now: () => 1000, monotonic: () => 0 }, metrics: createBusMetrics(undefined) },
    defer: queueMicrotask,
    settled: () => undefined,
    writer: {
      append({ blocks }: AppendRequest) {
        commits.push(blocks.reduce((sum, { count }) => sum + count, 0));
        const first = blocks.map(({ count }) => (next += count) - count);
        return new Promise<readonly number[]>((resolve) => waiting.push(() => resolve(first)));
      },
      maintain: () => Promise.reject(new Error('not asked for here')),
      close: async () => undefined,
    },
  });
  const add = (bytes: number) => lane.add([{ key: 'k', value: Buffer.alloc(bytes) }], bytes + 20);
  return { add, lane, commits, commit: () => waiting.shift()?.() };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('what comes while a commit is on its way shares the next one, which goes out before anybody is answered', async () => {
  const { add, commits, commit } = laneUnderTest();
  const order: string[] = [];
  const first = add(10).then(() => order.push(`answered after ${commits.length} requests`));
  await soon();
  const later: Promise<unknown>[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    later.push(add(10));
    await soon();
  }
  assert.deepEqual(commits, [1]);
  commit();
  await first;
  assert.deepEqual([commits, order], [[1, 3], ['answered after 2 requests']]);
  commit();
  assert.deepEqual(
    (await Promise.all(later)).flat().map((position) => (position as { readonly offset: number }).offset),
    [1, 2, 3],
  );
});

test('a large group does not wait for the commit before it', async () => {
  const { add, lane, commits, commit } = laneUnderTest();
  const publishes = [add(10)];
  await soon();
  publishes.push(add(200_000));
  await soon();
  assert.deepEqual(commits, [1, 1]);
  publishes.push(add(200_000));
  await soon();
  assert.equal(commits.length, 2, 'two at most are on their way');
  for (let left = 3; left > 0; left -= 1) {
    commit();
    await soon();
  }
  await Promise.all([...publishes, lane.drain()]);
  assert.deepEqual(commits, [1, 1, 1]);
});
