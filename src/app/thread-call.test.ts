import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { GuardianError } from '../errors.ts';
import { createCaller, serveCalls } from './thread-call.ts';

test('carries answers, errors with their code, and refuses unknown calls', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  serveCalls(port1, {
    double: (n: number) => n * 2,
    fail: () => {
      throw new GuardianError('BUS_FULL', 'too many records wait', { retryable: true });
    },
  });
  const caller = createCaller(port2);
  assert.equal(await caller.call('double', 21), 42);
  await assert.rejects(caller.call('fail'), { code: 'BUS_FULL', retryable: true, message: 'too many records wait' });
  await assert.rejects(caller.call('nothing'), { code: 'INTERNAL' });
});

test('a call that waits for a dead thread is rejected as retryable, and so are later ones', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const caller = createCaller(port2);
  const waiting = assert.rejects(caller.call('never'), { code: 'STORE_UNAVAILABLE', retryable: true });
  caller.abandon('the pipeline stopped');
  await waiting;
  await assert.rejects(caller.call('later'), { code: 'STORE_UNAVAILABLE' });
});
