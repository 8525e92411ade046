import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrder } from './order.ts';

test('a call that is ready sooner does not overtake the one before it', async () => {
  const order = createOrder();
  const first = Promise.withResolvers<void>();
  const done: string[] = [];
  const calls = [order.pass(first.promise).then(() => done.push('first')), order.pass(Promise.resolve()).then(() => done.push('second'))];
  await Promise.resolve();
  assert.deepEqual(done, []);
  first.resolve();
  await Promise.all(calls);
  assert.deepEqual(done, ['first', 'second']);
});

test('a call that fails lets the next one through', async () => {
  const order = createOrder();
  const failed = order.pass(Promise.reject(new Error('store is away')));
  const next = order.pass(Promise.resolve());
  await assert.rejects(failed, /store is away/);
  await next;
});
