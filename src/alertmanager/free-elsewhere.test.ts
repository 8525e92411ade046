import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFreeElsewhere } from './free-elsewhere.ts';
import type { HeldAlertElsewhere } from './held.ts';
import { createTestSilences } from './test-silence-api.ts';

const FINGERPRINT = 'bbbbbbbbbbbbbbb1';
const ALERT: HeldAlertElsewhere = {
  ...{ fingerprint: FINGERPRINT, name: 'HostDown', severity: 'critical', startsAt: '2026-11-22T03:00:00.000Z' },
  ...{ labels: { alertname: 'HostDown' }, description: '', isSuppressed: true },
};

test('an acknowledgement ends two minutes after its alert; a silence and what others made stay', async () => {
  const clock = { at: Date.parse('2026-11-22T03:10:00Z'), now: () => clock.at, monotonic: () => clock.at };
  const api = createTestSilences(clock.now);
  const common = { matchers: [], startsAt: clock.at, endsAt: clock.at + 3_600_000, createdBy: 'Ana' };
  await api.put({ ...common, comment: `Acknowledged: HostDown [guardian:other ${FINGERPRINT}]` });
  await api.put({ ...common, comment: `Silenced: HostDown [guardian:other ${FINGERPRINT}]` });
  await api.put({ ...common, comment: 'Acknowledged: by hand' });
  let alerts: readonly HeldAlertElsewhere[] | null = [ALERT];
  const look = createFreeElsewhere({
    clock,
    heldElsewhere: async () => ({ alerts, absent: [], hasOurs: false }),
    instances: [{ name: 'am-1', api }],
  });
  const pass = async (seconds: number, held: typeof alerts): Promise<number> => {
    clock.at += seconds * 1000;
    alerts = held;
    await look();
    return api.live().length;
  };
  assert.equal(await pass(0, [ALERT]), 3);
  assert.equal(await pass(15, []), 3);
  assert.equal(await pass(60, [ALERT]), 3, 'an Alertmanager that was restarted has it again');
  assert.equal(await pass(15, []), 3);
  assert.equal(await pass(110, null), 3, 'one that does not answer says nothing');
  assert.equal(await pass(15, []), 2);
  assert.deepEqual(
    api.live().map(({ comment }) => comment.split(':')[0]),
    ['Silenced', 'Acknowledged'],
  );
});
