import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuardianError } from '../errors.ts';
import { drainedThrough } from './drained-through.ts';

const gone = new GuardianError('STORE_UNAVAILABLE', 'The part of the program that holds the database has gone.', { retryable: true });

test('a part that is started again while it catches up ends nothing, and what does not pass with time is an error', async () => {
  const answers = [gone, gone, null];
  const drained = async (): Promise<void> => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
  };
  await drainedThrough({ drained }, new AbortController().signal, 1);
  assert.equal(answers.length, 0);
  const corrupt = new GuardianError('STORE_CORRUPT', 'The database is damaged.');
  await assert.rejects(drainedThrough({ drained: () => Promise.reject(corrupt) }, new AbortController().signal, 1), {
    code: 'STORE_CORRUPT',
  });
});

test('whoever stops the program does not wait for it', async () => {
  const stopping = new AbortController();
  const waiting = drainedThrough({ drained: () => new Promise(() => undefined) }, stopping.signal, 1);
  stopping.abort();
  await waiting;
});
