import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../store/database.ts';
import { createMerchantReader } from './merchant-reader.ts';

function createFixture() {
  const clock = { at: 0, now: () => clock.at, monotonic: () => clock.at };
  const state = { queries: 0, isDown: false };
  const query = async () => {
    state.queries += 1;
    if (state.isDown) throw new Error('database is away');
    return [{ merchant_id: 'm-1' }, { merchant_id: 'm-2' }];
  };
  const time = async () => ({ state: 'live' as const, now: 0, lastMinute: 0 });
  const reader = createMerchantReader({ query } as unknown as Database, { time }, clock);
  return { clock, state, reader };
}

test('callers at the same time share one query, and the next one comes after five seconds', async () => {
  const { clock, state, reader } = createFixture();
  const [one, two] = await Promise.all([reader.read(1), reader.read(10)]);
  assert.equal(one?.length, 1);
  assert.equal(two?.length, 2);
  clock.at = 4999;
  await reader.read(10);
  assert.equal(state.queries, 1);
  clock.at = 5000;
  await reader.read(10);
  assert.equal(state.queries, 2);
});

test('a failure is not remembered', async () => {
  const { state, reader } = createFixture();
  state.isDown = true;
  await assert.rejects(reader.read(10));
  state.isDown = false;
  assert.equal((await reader.read(10)).length, 2);
});
