import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { alertFor, anomalyOf } from '../alert/test-anomaly.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { writeAlerts } from '../store/verbs/alert/write-alerts.ts';
import { readPages } from '../store/verbs/briefing/shift-figures.ts';
import { listNotifications } from '../store/verbs/notification/list-notifications.ts';
import { readDeliveryStates } from '../store/verbs/proof/deliveries.ts';
import { noteReceipt } from './receipt.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const alert = alertFor(anomalyOf({ severity: 'critical' }));
const named = { fingerprint: alert.fingerprint, status: 'firing' as const, starts_at: alert.starts_at.replace('.000Z', '+00:00') };

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec('truncate alert, notification, notify_group, receipt');
  await writeAlerts(database, [{ alert, translations: {}, groupKey: 'g', version: 1 }]);
});

const note = (changes: object = {}, isRelayed = true) =>
  noteReceipt(database, {
    receipt: {
      ...{ notificationId: null, alerts: [named], channel: 'telegram', to: '777', providerMessageId: '12', state: 'delivered' as const },
      ...{ at: NOW - 1000, error: null },
      ...changes,
    },
    ...{ receivers: [], isRelayed, now: NOW },
  });

test('a page that Alertmanager made is listed by its receipt, counts in a briefing and as proof, once', async () => {
  const first = await note();
  assert.equal(first.notifications.length, 1);
  assert.deepEqual((await note()).notifications, first.notifications);
  assert.deepEqual((await note({ state: 'read', at: NOW })).notifications, first.notifications);
  const { items } = await listNotifications(database);
  assert.deepEqual(
    items.map((row) => [row.receiver, row.channel, row.recipient, row.severity, row.status, row.received_at, row.read_at]),
    [['alertmanager', 'telegram', '777', 'critical', 'firing', NOW - 1000, NOW]],
  );
  assert.deepEqual(await readPages(database, NOW - 60_000, NOW), [{ receiver: 'alertmanager', name: alert.name, pages: 1 }]);
  const [state] = await readDeliveryStates(database, ['alertmanager'], { now: NOW, timeoutMs: 60_000 });
  assert.deepEqual([state?.state, state?.lastProvenAt], ['proven', NOW - 1000]);
});

test('its repeat and its end are messages of their own', async () => {
  await note();
  await note({ providerMessageId: '13' });
  await note({ providerMessageId: '14', alerts: [{ ...named, status: 'resolved' }] });
  const { items } = await listNotifications(database);
  assert.deepEqual(items.map(({ status }) => status).toSorted(), ['firing', 'firing', 'resolved']);
});

test('alerts of others, what failed, and receipts where Alertmanager is not in between make no message', async () => {
  const stranger = await note({ alerts: [{ ...named, fingerprint: 'ffff' }] });
  assert.deepEqual([stranger.notifications, stranger.unknown], [[], ['ffff']]);
  assert.deepEqual((await note({ providerMessageId: '13', state: 'failed', error: 'HTTP 403' })).notifications, []);
  assert.deepEqual((await note({ providerMessageId: '14' }, false)).notifications, []);
  assert.deepEqual((await listNotifications(database)).items, []);
});
