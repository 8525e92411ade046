import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHeldNotice, createHeldReading } from './held-notice.ts';

test('what a spool has drained counts as held for a while, from its oldest record on', () => {
  let now = 100_000;
  let oldestAt: number | null = null;
  const held = createHeldNotice(() => ({ oldestAt }), { monotonic: () => now });
  assert.equal(held(), null);
  oldestAt = 90_000;
  assert.equal(held(), 90_000);
  now += 5000;
  oldestAt = 99_000;
  assert.equal(held(), 90_000, 'the first of its files is drained');
  oldestAt = null;
  now += 20_000;
  assert.equal(held(), 90_000);
  now += 1;
  assert.equal(held(), null);
  oldestAt = now;
  assert.equal(held(), now, 'another time');
  const began = now;
  now += 64_000;
  assert.equal(held(), began);
  oldestAt = null;
  now += 64_000;
  assert.equal(held(), began, 'an absence of a minute: those who count need as long to come back');
  now += 1;
  assert.equal(held(), null);
});

test('reports are read twice a second at most, and a reading that failed is repeated', async () => {
  let now = 0;
  let readings = 0;
  const read = async (): Promise<number> => {
    readings += 1;
    if (readings === 1) throw new Error('the database is away');
    return readings;
  };
  const held = createHeldReading(read, { monotonic: () => now });
  await assert.rejects(held(), /away/);
  assert.deepEqual([await held(), await held()], [2, 2]);
  now = 499;
  assert.equal(await held(), 2);
  now = 500;
  assert.equal(await held(), 3);
});
