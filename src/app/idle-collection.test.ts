import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectWhenIdle } from './idle-collection.ts';

test('what a burst has left is collected while the thread is quiet', async () => {
  let burst: Buffer | undefined = Buffer.alloc(50_000_000, 1);
  const held = new WeakRef(burst);
  const stop = collectWhenIdle(20);
  burst = undefined;
  const limit = Date.now() + 30_000;
  while (held.deref() !== undefined && Date.now() < limit) await sleep(50);
  stop();
  assert.equal(held.deref(), undefined);
});

test('a thread that is never quiet collects after a while', async () => {
  let burst: Buffer | undefined = Buffer.alloc(50_000_000, 1);
  const held = new WeakRef(burst);
  const stop = collectWhenIdle(20);
  burst = undefined;
  const limit = Date.now() + 30_000;
  while (held.deref() !== undefined && Date.now() < limit) {
    const until = performance.now() + 50;
    while (performance.now() < until);
    await sleep(1);
  }
  stop();
  assert.equal(held.deref(), undefined);
});
