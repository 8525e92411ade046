import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createUndoStack } from './undo-stack.ts';

const log = pino({ level: 'silent' });

test('undoes the last started first, once, and waits for each', async () => {
  const order: string[] = [];
  const stack = createUndoStack(log);
  stack.push('bus', () => void order.push('bus'));
  stack.push('server', async () => {
    await Promise.resolve();
    order.push('server');
  });
  await Promise.all([stack.unwind(1000), stack.unwind(1000)]);
  assert.deepEqual(order, ['server', 'bus']);
});

test('a failing step does not keep the others from running; the first failure is reported', async () => {
  const order: string[] = [];
  const stack = createUndoStack(log);
  stack.push('lock', () => void order.push('lock'));
  stack.push('bus', () => {
    throw new Error('disk gone');
  });
  await assert.rejects(stack.unwind(1000), /disk gone/);
  assert.deepEqual(order, ['lock']);
});

test('a step that hangs is named when the deadline passes, and the rest is still undone', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const order: string[] = [];
  const stack = createUndoStack(log);
  stack.push('lock', () => void order.push('lock'));
  stack.push('pipeline', () => Promise.withResolvers<void>().promise);
  const ended = assert.rejects(stack.unwind(5000), { code: 'APP_STOP_DEADLINE', message: /pipeline/ });
  t.mock.timers.tick(5000);
  await ended;
  assert.deepEqual(order, ['lock']);
});
