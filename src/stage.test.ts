import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { repeat } from './stage.ts';

const log = pino({ level: 'silent' });

test('work is repeated until the stop, and a failed try shows until the next good one', async () => {
  let tries = 0;
  const healths: string[] = [];
  const enough = Promise.withResolvers<void>();
  const loop = repeat(
    async () => {
      healths.push(loop.health().status);
      tries += 1;
      if (tries === 4) enough.resolve();
      if (tries === 2) throw new Error('away');
    },
    { everyMs: 1, log, failure: 'failed' },
  );
  await loop.start();
  await enough.promise;
  await loop.stop();
  assert.deepEqual(healths.slice(0, 4), ['ok', 'ok', 'degraded', 'ok']);
});

test('a first wait is ended by the stop, and nothing was tried', async () => {
  let tries = 0;
  const loop = repeat(async () => void (tries += 1), { everyMs: 3_600_000, log, failure: 'failed', waitsFirst: true });
  await loop.start();
  await loop.stop();
  assert.equal(tries, 0);
});
