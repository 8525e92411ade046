import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectWhenIdle } from './idle-collection.ts';

test('what a burst has left is collected while the thread is quiet', async () => {
  let burst: Buffer | undefined = Buffer.alloc(50_000_000, 1);
  const held = new WeakRef(burst);
  const stop = collectWhenIdle({ lookMs: 20 });
  burst = undefined;
  const limit = Date.now() + 300_000;
  while (held.deref() !== undefined && Date.now() < limit) await sleep(50);
  stop();
  assert.equal(held.deref(), undefined);
});

test('a thread that is never quiet collects after a while', async () => {
  let burst: Buffer | undefined = Buffer.alloc(50_000_000, 1);
  const held = new WeakRef(burst);
  const stop = collectWhenIdle({ lookMs: 20 });
  burst = undefined;
  const limit = Date.now() + 300_000;
  while (held.deref() !== undefined && Date.now() < limit) {
    const until = performance.now() + 50;
    while (performance.now() < until);
    await sleep(1);
  }
  stop();
  assert.equal(held.deref(), undefined);
});

test('pages that a burst took go back to the system while traffic goes on', async () => {
  let burst: unknown[] = [];
  for (let number = 0; number < 1_000_000; number += 1) burst.push({ id: `invented-${number}`, number });
  const full = process.memoryUsage.rss();
  const traffic = setInterval(() => Array.from({ length: 5000 }, (_, number) => ({ id: `t-${number}` })), 20);
  const stop = collectWhenIdle({ lookMs: 20 });
  burst = [];
  const limit = Date.now() + 300_000;
  while (process.memoryUsage.rss() > full - 60_000_000 && Date.now() < limit) await sleep(50);
  stop();
  clearInterval(traffic);
  assert.equal(burst.length, 0);
  assert.ok(process.memoryUsage.rss() <= full - 60_000_000, `${process.memoryUsage.rss()} of ${full} bytes are still held`);
});
