import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { readAll } from '../bus/read-all.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/list-alerts.ts';
import { takeOutbox } from '../store/verbs/take-outbox.ts';
import { anomalyOf, eventOf, resolvedOf } from './test-anomaly.ts';
import { createAlertHarness, until } from './test-harness.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function outbox(): Promise<AlertEvent[]> {
  const messages = await takeOutbox(database, { limit: 100, maxBytes: 10_000_000 });
  return messages.map((message) => JSON.parse(message.value) as AlertEvent);
}

test('an anomaly opens, updates and resolves one alert, in place and in order', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(
    eventOf('opened', 10, anomalyOf()),
    eventOf('updated', 11, anomalyOf({ severity: 'critical', observed: 60 })),
    eventOf('resolved', 14, resolvedOf()),
  );
  const { items } = await listAlerts(database);
  assert.equal(items.length, 1);
  assert.deepEqual([items[0]?.status, items[0]?.severity, items[0]?.ends_at], ['resolved', 'critical', '2025-07-12T20:21:00.000Z']);
  const events = await outbox();
  assert.deepEqual(
    events.map(({ event, alert }) => [event, alert.severity]),
    [
      ['opened', 'warning'],
      ['updated', 'critical'],
      ['resolved', 'critical'],
    ],
  );
  assert.match(await harness.metrics.metrics(), /guardian_alerts_total\{type="denials_above_normal",severity="warning"\} 1/);
  assert.match(await harness.metrics.metrics(), /guardian_open_alerts\{severity="critical"\} 0/);
});

test('events that come twice change nothing', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const opened = eventOf('opened', 10, anomalyOf());
  const resolved = eventOf('resolved', 14, resolvedOf());
  await harness.publish(opened, resolved);
  const before = { alerts: await listAlerts(database), events: (await outbox()).length };
  await harness.publish(opened, resolved, opened);
  assert.deepEqual({ alerts: await listAlerts(database), events: (await outbox()).length }, before);
});

test('the same cause opening again is a second alert with the same fingerprint', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const again = anomalyOf({ id: 'an_2', started_at: '2025-07-12T21:00:00.000Z' });
  await harness.publish(eventOf('opened', 10, anomalyOf()), eventOf('resolved', 14, resolvedOf()), eventOf('opened', 60, again));
  const { items } = await listAlerts(database);
  assert.equal(items.length, 2);
  assert.equal(new Set(items.map((alert) => alert.fingerprint)).size, 1);
});

test('a commit that fails loses nothing and doubles nothing', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  let failures = 0;
  const flaky: Database = {
    ...database,
    transaction: async (work) => {
      const result = await database.transaction(async (tx) => {
        const done = await work(tx);
        // Odd failures happen before the commit, even ones after it: the answer is lost.
        if (failures < 4 && failures % 2 === 0) {
          failures += 1;
          throw new Error('killed before the commit');
        }
        return done;
      });
      if (failures < 4) {
        failures += 1;
        throw new Error('killed after the commit');
      }
      return result;
    },
  };
  await harness.restart({ database: flaky });
  await harness.publish(eventOf('opened', 10, anomalyOf()), eventOf('opened', 10, anomalyOf({ id: 'an_2', type: 'spike' })));
  await until(() => failures === 4, 'all failures');
  await harness.publish(eventOf('resolved', 14, resolvedOf()));
  assert.equal((await listAlerts(database)).items.length, 2);
  assert.deepEqual((await outbox()).map(({ event }) => event).sort(), ['opened', 'opened', 'resolved']);
});

test('bytes that are no anomaly go to the dead letters with the reason and block nothing', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.bus.publish(TOPICS.anomalies, [
    { value: Buffer.from('{"v":1,"event":"opened","sequence":1,"anomaly":{}}') },
    { value: Buffer.from([0xff]) },
  ]);
  await harness.publish(eventOf('opened', 10, anomalyOf()));
  await until(async () => (await listAlerts(database)).items.length === 1, 'the good event');
  const reasons: string[] = [];
  for await (const batch of readAll(harness.bus, TOPICS.dead)) {
    for (const record of batch.records) reasons.push((JSON.parse(Buffer.from(record.value).toString()) as { reason: string }).reason);
  }
  assert.equal(reasons.length, 2);
  assert.match(reasons[0] ?? '', /^anomaly/);
  assert.match(reasons[1] ?? '', /^not JSON/);
});

test('filled-in history makes alerts that nobody is told about', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(eventOf('opened', 10, anomalyOf({ backfill: true })));
  await harness.restart();
  await harness.advance(10_000);
  assert.equal((await listAlerts(database, { status: 'firing' })).items.length, 1);
  assert.deepEqual(harness.sent, []);
});
