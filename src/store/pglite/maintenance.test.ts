import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PGlite } from '@electric-sql/pglite';
import { silentLog } from '../test-database.ts';
import { createEngineMaintenance } from './maintenance.ts';

/** An engine whose log has grown by `bytes` since the last checkpoint. */
function createEngine() {
  const done: string[] = [];
  const state = { bytes: 0, broken: false };
  const engine = {
    query: async () => {
      if (state.broken) throw new Error('broken');
      return { rows: [{ bytes: state.bytes }] };
    },
    exec: async (text: string) => {
      done.push(text);
      state.bytes = 0;
    },
  } as unknown as PGlite;
  return { engine, done, state };
}

function setUp() {
  const { engine, done, state } = createEngine();
  let now = 0;
  const clock = { now: () => now, monotonic: () => now };
  const maintenance = createEngineMaintenance({ engine }, { log: silentLog, clock });
  const work = async (transactions: number) => {
    for (let count = 0; count < transactions; count += 1) await maintenance.afterTransaction();
  };
  return { done, state, work, pass: (ms: number) => void (now += ms) };
}

test('a checkpoint comes when the log has grown, not before', async () => {
  const { done, state, work } = setUp();
  state.bytes = 60_000_000;
  await work(100);
  assert.deepEqual(done, []);
  state.bytes = 70_000_000;
  await work(16);
  assert.deepEqual(done, ['checkpoint']);
});

test('a vacuum comes ten minutes after the start and then every hour', async () => {
  const { done, work, pass } = setUp();
  await work(32);
  pass(600_000);
  await work(32);
  assert.deepEqual(done, ['vacuum (analyze)']);
  pass(3_599_000);
  await work(32);
  assert.equal(done.length, 1);
  pass(1000);
  await work(32);
  assert.equal(done.length, 2);
});

test('a failure of the maintenance is no failure of the transaction', async () => {
  const { done, state, work } = setUp();
  state.bytes = 70_000_000;
  state.broken = true;
  await work(64);
  assert.deepEqual(done, []);
  state.broken = false;
  await work(16);
  assert.deepEqual(done, ['checkpoint'], 'what failed is done later');
});
