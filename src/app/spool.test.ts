import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import { rememberExtent } from './spool.ts';

test('while the brokers are away the log has the extent that it had, and nothing where it was never seen', async () => {
  let failure: GuardianError | undefined;
  const answer = async <T>(value: T): Promise<T> => {
    if (failure !== undefined) throw failure;
    return value;
  };
  const ranges = [{ partition: 0, earliest: 3, next: 9 }];
  const { asked, remembered: bus } = rememberExtent({ ranges: () => answer(ranges), offsetAt: () => answer(5) } as unknown as Bus);
  assert.deepEqual(await bus.ranges(TOPICS.transactions), ranges);
  assert.equal(await bus.offsetAt(TOPICS.transactions, 0, 1), 5);
  failure = new GuardianError('BUS_UNAVAILABLE', 'away', { retryable: true });
  assert.deepEqual(await bus.ranges(TOPICS.transactions), ranges);
  assert.equal(await bus.offsetAt(TOPICS.transactions, 0, 1), 9, 'what waits is not said to be counted');
  await assert.rejects(bus.ranges(TOPICS.windows), { code: 'BUS_UNAVAILABLE' });
  await assert.rejects(asked.ranges(TOPICS.transactions), { code: 'BUS_UNAVAILABLE' }, 'who asks whether it is away hears that');
  failure = undefined;
  await asked.ranges(TOPICS.windows);
  failure = new GuardianError('BUS_UNAVAILABLE', 'away', { retryable: true });
  assert.deepEqual(await bus.ranges(TOPICS.windows), ranges, 'whoever asked');
  const { remembered: never } = rememberExtent({
    ranges: () => (failure === undefined ? Promise.resolve(ranges) : new Promise(() => undefined)),
  } as unknown as Bus);
  failure = undefined;
  await never.ranges(TOPICS.transactions);
  failure = new GuardianError('BUS_UNAVAILABLE', 'away', { retryable: true });
  assert.deepEqual(await never.ranges(TOPICS.transactions), ranges, 'brokers that say nothing are not waited for');
  failure = new GuardianError('BUS_CLOSED', 'closed');
  await assert.rejects(bus.ranges(TOPICS.transactions), { code: 'BUS_CLOSED' });
});
