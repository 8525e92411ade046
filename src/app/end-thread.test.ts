import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { endThread } from './end-thread.ts';

const HELPER = new URL('./end-thread.ts', import.meta.url).href;
/** A thread that unpacks blocks of the log all the time, or hangs. */
const codeOf = (work: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
      import { endWhenAsked } from ${JSON.stringify(HELPER)};
      endWhenAsked(parentPort);
      const packed = zstdCompressSync(Buffer.alloc(1000, 'transaction'));
      const unpack = () => { for (let n = 0; n < 200; n += 1) zstdDecompressSync(packed); setImmediate(unpack); };
      parentPort.postMessage('works');
      ${work};`)}`,
  );

async function started(work: string): Promise<Worker> {
  const worker = new Worker(codeOf(work));
  await new Promise((resolve) => worker.once('message', resolve));
  return worker;
}

test(
  'a thread that works is ended between two steps of it: by force, Node.js aborts in the middle of one',
  { timeout: 600_000 },
  async () => {
    for (let round = 0; round < 40; round += 1) {
      const threads = await Promise.all(Array.from({ length: 4 }, () => started('unpack()')));
      const codes = threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve)));
      await Promise.all(threads.map((thread) => endThread(thread, 300_000)));
      assert.deepEqual(await Promise.all(codes), [1, 1, 1, 1]);
    }
  },
);

test('a thread that hangs is ended by force, and one that is gone is none', { timeout: 600_000 }, async () => {
  const worker = await started('for (;;);');
  await endThread(worker, 100);
  assert.ok(worker.threadId < 0);
  await endThread(worker);
});
