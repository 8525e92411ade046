import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAnomalies } from '../store/verbs/anomaly/list-anomalies.ts';
import { takeOutbox } from '../store/verbs/outbox/take-outbox.ts';
import { alertOf } from './alert-of.ts';
import { SELF_GROUP } from './group.ts';
import type { SelfFinding } from './self-anomaly.ts';
import { isNotifiedEverywhere } from './self-notified.ts';
import { createSelfWatch } from './self-watch.ts';
import { TEST_OPTIONS } from './test-anomaly.ts';
import { CLAWDBOT, createAlertHarness, TIMES } from './test-harness.ts';
import { createAlertWorker } from './worker.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE_MS = 60_000;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const finding = (minutes: number, severity: SelfFinding['severity'] = 'warning'): SelfFinding => ({
  since: NOW - 3 * MINUTE_MS,
  severity,
  minutes,
  limit: 3,
  reason: { code: 'detector_behind', params: { until: '2026-11-22T11:41:00.000Z', minutes } },
});

function watchOf(at: { now: number; found: SelfFinding | 'clear' | 'hold' }, woken: () => void = () => undefined) {
  return createSelfWatch(
    { database, clock: { now: () => at.now, monotonic: () => at.now }, log: silentLog, wakeRelay: woken, check: async () => at.found },
    { type: 'detector_behind', overCode: 'detector_caught_up', detectorVersion: '2', configHash: 'c', everyMs: 0 },
  );
}

async function told(): Promise<AnomalyEvent[]> {
  const messages = await takeOutbox(database, { limit: 100, maxBytes: 1_000_000 });
  return messages.map(({ value }) => JSON.parse(value) as AnomalyEvent);
}

test('a finding opens one anomaly, goes on after a restart, escalates, and ends when all is well', async () => {
  await database.exec('truncate anomaly, outbox');
  const at: Parameters<typeof watchOf>[0] = { now: NOW, found: 'clear' };
  let woken = 0;
  const watch = watchOf(at, () => (woken += 1));
  await watch.look();
  assert.deepEqual(await told(), [], 'nothing to say while all is well');
  at.found = finding(12);
  await watch.look();
  at.now += 10_000;
  await watch.look();
  assert.equal(woken, 1, 'the same finding ten seconds later is no news');
  const restarted = watchOf(at);
  at.now += MINUTE_MS;
  at.found = finding(349, 'critical');
  await restarted.look();
  at.found = 'hold';
  await restarted.look();
  at.found = 'clear';
  at.now += MINUTE_MS;
  await restarted.look();
  await restarted.look();
  const events = await told();
  assert.deepEqual(
    events.map(({ event, anomaly }) => [event, anomaly.severity, anomaly.peak.observed]),
    [
      ['opened', 'warning', 12],
      ['updated', 'critical', 349],
      ['resolved', 'critical', 349],
    ],
  );
  assert.equal(new Set(events.map(({ anomaly }) => anomaly.id)).size, 1);
  assert.ok(events.every(({ sequence }, index) => index === 0 || sequence > (events[index - 1]?.sequence ?? 0)));
  const [stored] = (await listAnomalies(database)).items;
  assert.deepEqual([stored?.status, stored?.started_at], ['resolved', new Date(NOW - 3 * MINUTE_MS).toISOString()]);
});

test('its message says up to when has been judged, in both languages, and never speaks of counts', async () => {
  await database.exec('truncate anomaly, outbox');
  const at: Parameters<typeof watchOf>[0] = { now: NOW, found: finding(12) };
  const watch = watchOf(at);
  await watch.look();
  at.found = 'clear';
  await watch.look();
  const [opened, resolved] = await told();
  assert.ok(opened !== undefined && resolved !== undefined);
  const alert = alertOf(opened.anomaly, null, TEST_OPTIONS);
  assert.match(alert.summary, /Detector atrasado\nO tráfego só foi avaliado até 22\/11,? 08:41/);
  assert.match(alert.summary, /12 min de atraso/);
  assert.doesNotMatch(alert.annotations['message'] ?? '', /z 0|esperado/);
  const english = alertOf(resolved.anomaly, alert, { ...TEST_OPTIONS, locale: 'en' });
  assert.match(english.summary, /The detector has caught up; it was up to 12 min behind/);
});

test('receivers hear of it while the backlog is still read and other messages are held', async () => {
  const harness = await createAlertHarness(database);
  await harness.worker.stop();
  await database.exec('truncate anomaly, outbox, alert, notify_group, notification');
  const sent: string[] = [];
  const worker = createAlertWorker(
    {
      bus: harness.bus,
      database,
      clock: { now: () => harness.now, monotonic: () => harness.now },
      log: silentLog,
      metrics: new Registry(),
      random: () => 0,
      send: async (_receiver, { message }) => {
        sent.push(message.groupKey);
        return { kind: 'delivered' };
      },
      caughtUp: () => new Promise(() => undefined),
    },
    { ...TEST_OPTIONS, ...TIMES, owner: 'held', receivers: [CLAWDBOT], tickMs: 0, retryMs: 1, stopGraceMs: 20 },
  );
  await worker.start();
  const at: Parameters<typeof watchOf>[0] = { now: harness.now, found: finding(12) };
  const watch = watchOf(at);
  await watch.look();
  const [event] = await told();
  assert.ok(event !== undefined);
  const outage: AnomalyEvent = { ...event, anomaly: { ...event.anomaly, id: 'an_outage', type: 'zero_transactions' } };
  await harness.publish(outage, event);
  harness.now += 10_000;
  await worker.tick();
  await worker.idle();
  assert.deepEqual(sent, [SELF_GROUP]);
  assert.equal(await isNotifiedEverywhere(database, [CLAWDBOT]), false, 'a warning takes the place of no page');
  at.found = finding(60, 'critical');
  await watch.look();
  await harness.publish(...(await told()).slice(1));
  assert.equal(await isNotifiedEverywhere(database, [CLAWDBOT]), false);
  for (let second = 0; second < 400 && sent.length < 2; second += 10) {
    harness.now += 10_000;
    await worker.tick();
    await worker.idle();
  }
  assert.deepEqual(sent, [SELF_GROUP, SELF_GROUP]);
  assert.equal(await isNotifiedEverywhere(database, [CLAWDBOT]), true);
  assert.equal(await isNotifiedEverywhere(database, [CLAWDBOT, { ...CLAWDBOT, name: 'other' }]), false, 'another receiver knows nothing');
  assert.equal(await isNotifiedEverywhere(database, []), false);
  await worker.stop();
  await harness.release();
});
