import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepTrying } from './retry.ts';

const HOUR_MS = 3_600_000;

test('work is begun again until it returns; its waits grow until it got on', async () => {
  const told: number[] = [];
  let round = 0;
  await keepTrying(
    async (gotOn) => {
      round += 1;
      if (round === 4) gotOn();
      if (round < 6) throw new Error('down');
    },
    { signal: new AbortController().signal, retryMs: 1, maxRetryMs: 4, onFailure: (_error, { failures }) => void told.push(failures) },
  );
  assert.deepEqual(told, [1, 2, 3, 1, 2]);
});

test('an abort ends a wait at once, and nothing is begun after it', { timeout: 300_000 }, async () => {
  const stopping = new AbortController();
  let begun = 0;
  const work = async () => {
    begun += 1;
    throw new Error('down');
  };
  const options = { signal: stopping.signal, retryMs: HOUR_MS, maxRetryMs: HOUR_MS, onFailure: () => setImmediate(() => stopping.abort()) };
  await keepTrying(work, options);
  await keepTrying(work, options);
  assert.equal(begun, 1);
});
