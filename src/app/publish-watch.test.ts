import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import { createPublishWatch } from './publish-watch.ts';

test('a log that takes no records is down until it takes one, or half a minute after the last attempt', async () => {
  let failure: GuardianError | undefined;
  let now = 0;
  const bus = {
    async publish() {
      if (failure !== undefined) throw failure;
      return [];
    },
  } as unknown as Bus;
  const watch = createPublishWatch(bus, { now: () => now, monotonic: () => now });
  const publish = () => watch.bus.publish(TOPICS.transactions, []);
  await publish();
  assert.equal(watch.health().status, 'ok');
  failure = new GuardianError('BUS_UNAVAILABLE', 'database or disk is full', { retryable: true });
  await assert.rejects(publish, { code: 'BUS_UNAVAILABLE' });
  assert.deepEqual(watch.health(), {
    status: 'down',
    reasons: [{ code: 'failure_log', params: { message: 'database or disk is full' } }],
  });
  now += 30_001;
  assert.equal(watch.health().status, 'ok');
  await assert.rejects(publish);
  failure = undefined;
  await publish();
  assert.equal(watch.health().status, 'ok');
  failure = new GuardianError('BUS_FULL', 'many wait', { retryable: true });
  await assert.rejects(publish);
  assert.equal(watch.health().status, 'ok', 'many that wait are no fault of the disk');
  failure = new GuardianError('BUS_FULL', 'full of uncounted records', { retryable: true, data: { uncounted: true } });
  await assert.rejects(publish);
  assert.deepEqual(watch.health(), {
    status: 'down',
    reasons: [{ code: 'failure_log_full', params: { message: 'full of uncounted records' } }],
  });
});

test('while the disk has no room nothing is written, and the log is down at once', async () => {
  const full: HealthFact = { code: 'self_disk_full', params: { free: 1, needed: 2 } };
  let noRoom: HealthFact | undefined = full;
  let written = 0;
  const bus = { publish: async () => void written++ } as unknown as Bus;
  const watch = createPublishWatch(bus, { now: () => 0, monotonic: () => 0 }, () => noRoom);
  assert.deepEqual(watch.health(), { status: 'down', reasons: [full] });
  await assert.rejects(watch.bus.publish(TOPICS.transactions, []), { code: 'DISK_NEARLY_FULL', retryable: true });
  assert.equal(written, 0);
  noRoom = undefined;
  await watch.bus.publish(TOPICS.transactions, []);
  assert.deepEqual([written, watch.health().status], [1, 'ok']);
});
