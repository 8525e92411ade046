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
