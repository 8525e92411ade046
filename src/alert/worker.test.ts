import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { readAll } from '../bus/read-all.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { fingerprintOf } from './wire-labels.ts';
import { takeOutbox } from '../store/verbs/outbox/take-outbox.ts';
import { anomalyOf, eventOf, resolvedOf } from './test-anomaly.ts';
import { createAlertHarness } from './test-harness.ts';
import { until } from '../test-until.ts';

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
    eventOf('updated', 11, anomalyOf({ observed: 60 })),
    eventOf('resolved', 14, resolvedOf()),
  );
  const { items } = await listAlerts(database);
  assert.equal(items.length, 1);
  assert.deepEqual([items[0]?.status, items[0]?.severity, items[0]?.ends_at], ['resolved', 'warning', '2025-07-12T20:21:00.000Z']);
  const events = await outbox();
  assert.deepEqual(
    events.map(({ event, alert }) => [event, alert.severity]),
    [
      ['opened', 'warning'],
      ['updated', 'warning'],
      ['resolved', 'warning'],
    ],
  );
  assert.match(await harness.metrics.metrics(), /guardian_alerts_total\{type="denials_above_normal",severity="warning"\} 1/);
  assert.match(await harness.metrics.metrics(), /guardian_open_alerts\{severity="critical"\} 0/);
});

/** An anomaly that rises, gets another name, and then names another merchant. */
const LIFE = [
  eventOf('opened', 10, anomalyOf({ type: 'low_volume' })),
  eventOf('updated', 11, anomalyOf({ type: 'low_volume', severity: 'critical', updated_at: '2025-07-12T20:11:00.000Z' })),
  eventOf('updated', 12, anomalyOf({ type: 'reversals_above_normal', updated_at: '2025-07-12T20:12:00.000Z' })),
  eventOf('updated', 13, anomalyOf({ type: 'reversals_above_normal', updated_at: '2025-07-12T20:13:00.000Z' })),
  eventOf('resolved', 14, resolvedOf({ type: 'zero_transactions', severity: 'info' })),
];

test('labels never change: an anomaly with another name or a higher severity goes on as another alert', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(...LIFE);
  const events = await outbox();
  assert.deepEqual(
    events.map(({ event, alert }) => `${event} ${alert.name} ${alert.severity}`),
    [
      'opened GuardianLowVolume warning',
      'resolved GuardianLowVolume warning',
      'opened GuardianLowVolume critical',
      'resolved GuardianLowVolume critical',
      'opened GuardianReversalsAboveNormal critical',
      'updated GuardianReversalsAboveNormal critical',
      'resolved GuardianReversalsAboveNormal critical',
    ],
  );
  for (const { alert } of events) assert.equal(alert.fingerprint, fingerprintOf(alert.labels));
  const sets = new Map(events.map(({ alert }) => [alert.fingerprint, JSON.stringify(alert.labels)]));
  assert.ok(events.every(({ alert }) => sets.get(alert.fingerprint) === JSON.stringify(alert.labels)));
  assert.equal(events[1]?.alert.annotations['replaced_by'], events[2]?.alert.fingerprint);
  assert.equal(events[1]?.alert.summary.split('\n')[1], 'Agora: CRÍTICO Volume baixo · negadas, código 51');
  assert.match(events[6]?.alert.summary ?? '', /^✅ RESOLVIDO: Estornos acima do normal/);
  assert.equal((await listAlerts(database, { status: 'firing' })).items.length, 0);
});

test('another name goes out in one message, a group interval after the last: the new alert fires, the old one resolves', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const [opened, , renamed, , resolved] = LIFE;
  assert.ok(opened !== undefined && renamed !== undefined && resolved !== undefined);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(renamed);
  await harness.advance(59_999);
  assert.equal(harness.sent.length, 1);
  await harness.advance(1);
  await harness.publish(resolved);
  await harness.advance(60_000);
  await harness.advance(7_200_000);
  assert.deepEqual(
    harness.sent.map(({ payload }) => payload.alerts.map(({ status, labels }) => `${status} ${labels['alertname']}`)),
    [
      ['firing GuardianLowVolume'],
      ['firing GuardianReversalsAboveNormal', 'resolved GuardianLowVolume'],
      ['resolved GuardianReversalsAboveNormal'],
    ],
  );
});

test('a place that is found, and another one, are sent; the figures of all are not put under its name', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const at = (sequence: number, merchant: string | undefined, share: number) => {
    const slice = { status: 'denied', ...(merchant === undefined ? {} : { merchant_id: merchant }), share } as const;
    return eventOf(
      sequence === 10 ? 'opened' : 'updated',
      sequence,
      anomalyOf({ slice, updated_at: new Date(sequence * 60_000).toISOString() }),
    );
  };
  await harness.publish(at(10, undefined, 1));
  await harness.advance(5000);
  await harness.publish(at(11, 'loja-a', 0.7));
  await harness.advance(60_000);
  await harness.publish(at(12, 'loja-a', 0.4), at(13, 'loja-a', 0.6));
  await harness.advance(60_000);
  await harness.publish(at(14, 'loja-b', 0.8));
  await harness.advance(60_000);
  const lines = harness.sent.map(({ payload }) => payload.alerts[0]?.annotations['summary']?.split('\n') ?? []);
  assert.deepEqual(
    lines.map(([title]) => title),
    Array.from({ length: 3 }, () => '⚠️ ATENÇÃO: Negadas acima do normal'),
  );
  assert.deepEqual(
    lines.map(([, , since]) => since?.replace(/^.* · /, '')),
    ['Desde 12/07/2025, 17:09', '70% em lojista loja-a', '80% em lojista loja-b'],
  );
  assert.equal(new Set(harness.sent.map(({ payload }) => payload.alerts[0]?.fingerprint)).size, 1);
});

test('two anomalies with the same labels are two alerts with a label set each', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(eventOf('opened', 10, anomalyOf()), eventOf('opened', 11, anomalyOf({ id: 'an_2' })));
  const { items } = await listAlerts(database, { status: 'firing' });
  assert.equal(new Set(items.map(({ labels }) => JSON.stringify(labels))).size, 2);
  assert.equal(new Set(items.map(({ fingerprint }) => fingerprint)).size, 2);
  await harness.publish(eventOf('resolved', 14, resolvedOf({ id: 'an_2' })));
  assert.deepEqual(
    (await listAlerts(database, { status: 'firing' })).items.map(({ anomaly_id }) => anomaly_id),
    ['an_1'],
  );
});

test('every text is stored in each language, also those of an alert that was replaced', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(...LIFE);
  const english = (await listAlerts(database, {}, {}, 'en')).items;
  assert.match(english[0]?.summary ?? '', /^✅ RESOLVED: Reversals above normal/);
  for (const alert of english) assert.doesNotMatch(JSON.stringify(alert), /negadas|esperad|Desde|lojista|Agora/);
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

test('bytes that are no anomaly are sent to the dead-letter topic with the reason and block nothing', async (t) => {
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

test('backfill makes alerts that nobody is notified of', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(eventOf('opened', 10, anomalyOf({ backfill: true })));
  await harness.restart();
  await harness.advance(10_000);
  assert.equal((await listAlerts(database, { status: 'firing' })).items.length, 1);
  assert.deepEqual(harness.sent, []);
});
