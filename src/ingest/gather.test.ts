import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGather } from './gather.ts';

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('a group that is free lets the next one begin while it still waits', async () => {
  const groups: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const frees: (() => void)[] = [];
  const gather = createGather<number, number>(
    async (items, free) => {
      groups.push(items);
      frees.push(free);
      await new Promise<void>((resolve) => ends.push(resolve));
      return items;
    },
    { maxItems: 10, maxInFlight: 1 },
  );
  const first = gather(1);
  await soon();
  const second = gather(2);
  await soon();
  assert.deepEqual(groups, [[1]]);
  frees[0]?.();
  frees[0]?.();
  await soon();
  const third = gather(3);
  await soon();
  assert.deepEqual(groups, [[1], [2]], 'a second call of `free` makes no second place');
  for (const end of ends) end();
  await soon();
  await soon();
  for (const end of ends) end();
  assert.deepEqual(await Promise.all([first, second, third]), [1, 2, 3]);
});
