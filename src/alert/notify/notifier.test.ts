import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { listNotifications } from '../../store/verbs/notification/list-notifications.ts';
import { anomalyOf, eventOf, resolvedOf } from '../test-anomaly.ts';
import { CLAWDBOT, createAlertHarness, TIMES, type AlertHarness, type Sent } from '../test-harness.ts';
import type { Receiver } from './receiver-schema.ts';
import { outcomeOf, type SendOutcome } from './retry.ts';
import { until } from '../../test-until.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function start(t: TestContext, receivers?: readonly Receiver[]): Promise<AlertHarness> {
  const harness = await createAlertHarness(database, receivers);
  t.after(harness.release);
  return harness;
}

/** What was sent, as `receiver status severity count`. */
const told = (sent: readonly Sent[]): string[] =>
  sent.map(({ receiver, payload }) => `${receiver} ${payload.status} ${payload.alerts[0]?.labels['severity']} ${payload.alerts.length}`);

const opened = eventOf('opened', 10, anomalyOf());
const escalated = eventOf('updated', 12, anomalyOf({ severity: 'critical' }));
const resolved = eventOf('resolved', 14, resolvedOf());
const rate = { id: 'an_2', type: 'approval_rate_down', node: { kind: 'fleet' }, slice: { share: 1 } } as const;
const failure: SendOutcome = { kind: 'retry', error: 'HTTP 500', afterMs: 0 };

test('alerts of one cause make one message, after the group wait', async (t) => {
  const harness = await start(t);
  await harness.publish(opened);
  await harness.advance(4999);
  assert.deepEqual(harness.sent, []);
  await harness.publish(eventOf('opened', 11, anomalyOf({ ...rate, severity: 'critical' })));
  await harness.advance(1);
  assert.deepEqual(told(harness.sent), ['clawdbot firing critical 2']);
});

test('an incident is reported once, escalated as another alert, and resolved once, never twice in a group interval', async (t) => {
  const harness = await start(t);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(escalated);
  await harness.advance(59_999);
  assert.equal(harness.sent.length, 1);
  await harness.advance(1);
  await harness.publish(resolved);
  await harness.advance(59_999);
  assert.equal(harness.sent.length, 2);
  await harness.advance(1);
  await harness.advance(7_200_000);
  assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1', 'clawdbot firing critical 2', 'clawdbot resolved critical 1']);
  assert.equal(new Set(harness.sent.map(({ id }) => id)).size, 3);
  assert.equal(harness.sent[1]?.payload.alerts[1]?.fingerprint, harness.sent[0]?.payload.alerts[0]?.fingerprint);
  assert.equal(harness.sent[2]?.payload.alerts[0]?.fingerprint, harness.sent[1]?.payload.alerts[0]?.fingerprint);
});

test('an alert that joins or leaves a group updates the message; what still fires stays in it', async (t) => {
  const harness = await start(t);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(eventOf('opened', 11, anomalyOf(rate)));
  await harness.advance(60_000);
  await harness.publish(resolved);
  await harness.advance(60_000);
  const last = harness.sent.at(-1)?.payload;
  assert.deepEqual(
    harness.sent.map(({ payload }) => payload.alerts.length),
    [1, 2, 2],
  );
  assert.deepEqual([last?.status, last?.alerts.map(({ status }) => status)], ['firing', ['firing', 'resolved']]);
});

test('a firing alert is repeated after the repeat interval and not before', async (t) => {
  const harness = await start(t);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.advance(3_599_999);
  assert.equal(harness.sent.length, 1);
  await harness.advance(1);
  assert.equal(harness.sent.length, 2);
});

test('an alert that resolves within the group wait wakes nobody', async (t) => {
  const harness = await start(t);
  await harness.publish(opened, resolved);
  await harness.advance(5000);
  await harness.advance(3_600_000);
  assert.deepEqual(harness.sent, []);
});

test('what came and went while the stage was down wakes nobody; what still fires does', async (t) => {
  const harness = await start(t);
  await harness.worker.stop();
  const other = eventOf('opened', 15, anomalyOf(rate));
  for (const event of [opened, resolved, other])
    await harness.bus.publish('guardian.anomalies', [{ value: Buffer.from(JSON.stringify(event)) }]);
  await harness.restart({ groupWaitMs: 0 });
  await until(async () => (await database.query(`select 1 from alert where status = 'firing'`)).length === 1, 'backlog read');
  await until(async () => {
    await harness.advance(1);
    return harness.sent.length > 0;
  }, 'message');
  assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1']);
  assert.equal(harness.sent[0]?.payload.alerts[0]?.labels['type'], 'approval_rate_down');
});

test('a receiver that was down is sent what is true when it comes back, over restarts, with waits that grow and survive them', async (t) => {
  const harness = await start(t);
  harness.answer = () => failure;
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.advance(999);
  assert.equal(harness.sent.length, 1);
  await harness.advance(1);
  assert.equal(harness.sent.length, 2);
  await harness.restart();
  await until(async () => harness.worker.receivers().length > 0, 'started');
  await harness.publish(resolved);
  await harness.advance(1999);
  assert.equal(harness.sent.length, 2);
  harness.answer = () => ({ kind: 'delivered' });
  await harness.advance(1);
  await harness.advance(7_200_000);
  assert.equal(new Set(harness.sent.slice(0, 2).map(({ id }) => id)).size, 1);
  assert.notEqual(harness.sent[2]?.id, harness.sent[0]?.id);
  assert.deepEqual(told(harness.sent.slice(2)), ['clawdbot resolved warning 1']);
  const annotations = harness.sent[2]?.payload.alerts[0]?.annotations ?? {};
  assert.equal(annotations['missed'], 'Não notificado: Negadas acima do normal · código 51, 12/07/2025, 17:09–17:21');
  assert.match(annotations['summary'] ?? '', /^✅ RESOLVIDO: [^]*\nNão notificado: Negadas acima do normal/);
  const { items } = await listNotifications(database);
  assert.deepEqual(
    items.map(({ state, status, attempts }) => [state, status, attempts]),
    [['delivered', 'resolved', 3]],
  );
});

test('what ended while a receiver was down is a line in the next message, firing or not', async (t) => {
  const harness = await start(t, [{ ...CLAWDBOT, send_resolved: false }]);
  harness.answer = () => failure;
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(resolved, eventOf('opened', 15, anomalyOf(rate)));
  harness.answer = () => ({ kind: 'delivered' });
  await harness.advance(60_000);
  const last = harness.sent.at(-1)?.payload;
  assert.deepEqual(
    last?.alerts.map(({ status, labels }) => [status, labels['type']]),
    [['firing', 'approval_rate_down']],
  );
  assert.match(last?.commonAnnotations['missed'] ?? '', /^Não notificado: Negadas acima do normal/);
  await harness.advance(3_600_000);
  assert.equal(harness.sent.at(-1)?.payload.commonAnnotations['missed'], undefined);
});

test('what ended before a receiver without resolved notices took it is not sent as firing', async (t) => {
  const harness = await start(t, [{ ...CLAWDBOT, send_resolved: false }]);
  harness.answer = () => failure;
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(resolved);
  harness.answer = () => ({ kind: 'delivered' });
  await harness.advance(3_600_000);
  assert.equal(harness.sent.length, 1);
});

test('a new alert of the group goes out with the attempt that follows it', async (t) => {
  const harness = await start(t);
  harness.answer = () => failure;
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(eventOf('opened', 11, anomalyOf(rate)));
  harness.answer = () => ({ kind: 'delivered' });
  await harness.advance(1000);
  assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1', 'clawdbot firing warning 2']);
  await harness.advance(60_000);
  assert.equal(harness.sent.length, 2);
});

test('a kill between send and record repeats the same message with the same id, and loses none', async (t) => {
  const harness = await start(t);
  harness.answer = (_sent, signal) => new Promise<SendOutcome>((resolve) => signal.addEventListener('abort', () => resolve(failure)));
  await harness.publish(opened);
  harness.now += 5000;
  await harness.worker.tick();
  await until(() => harness.sent.length === 1, 'first send');
  harness.answer = () => ({ kind: 'delivered' });
  await harness.restart({ kill: true });
  await until(async () => {
    await harness.advance(1000);
    return harness.sent.length === 2;
  }, 'second send');
  await harness.advance(3_000_000);
  assert.equal(harness.sent.length, 2);
  assert.equal(harness.sent[0]?.id, harness.sent[1]?.id);
  assert.deepEqual(harness.sent[0]?.payload, harness.sent[1]?.payload);
});

test('a receiver that asks for a pause gets it', async (t) => {
  const harness = await start(t);
  harness.answer = () => ({ kind: 'retry', error: 'HTTP 429', afterMs: 120_000 });
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.advance(119_999);
  assert.equal(harness.sent.length, 1);
  await harness.advance(1);
  assert.equal(harness.sent.length, 2);
});

for (const status of [301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499]) {
  test(`HTTP ${status} costs a delay: the alert is sent again, the receiver is failing meanwhile, and its end is reported`, async (t) => {
    const harness = await start(t);
    harness.answer = () => outcomeOf(status, null, harness.now);
    await harness.publish(opened);
    await harness.advance(5000);
    assert.deepEqual([harness.worker.health().status, harness.worker.receivers()[0]?.lastError], ['degraded', `HTTP ${status}`]);
    harness.answer = () => ({ kind: 'delivered' });
    await harness.advance(TIMES.groupIntervalMs);
    assert.equal(harness.worker.health().status, 'ok');
    await harness.publish(resolved);
    await harness.advance(TIMES.groupIntervalMs);
    assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1', 'clawdbot firing warning 1', 'clawdbot resolved warning 1']);
  });
}

test('a refusal that lasts is tried again at least each group interval, and first thing after a restart', async (t) => {
  const harness = await start(t);
  harness.answer = () => ({ kind: 'refused', error: 'HTTP 401' });
  await harness.publish(opened);
  await harness.advance(5000);
  for (let round = 0; round < 10; round += 1) await harness.advance(TIMES.groupIntervalMs);
  assert.equal(harness.sent.length, 11);
  assert.equal(harness.worker.health().status, 'degraded');
  harness.answer = () => ({ kind: 'delivered' });
  await harness.restart();
  await until(async () => {
    await harness.advance(5000);
    return harness.sent.length === 12;
  }, 'sent again');
  assert.equal(harness.worker.health().status, 'ok');
});

test('a slow receiver does not hold up another', async (t) => {
  const harness = await start(t, [{ ...CLAWDBOT, name: 'slow' }, CLAWDBOT]);
  let answerSlow: (outcome: SendOutcome) => void = () => undefined;
  harness.answer = ({ receiver }) =>
    receiver === 'slow' ? new Promise<SendOutcome>((resolve) => (answerSlow = resolve)) : { kind: 'delivered' };
  await harness.publish(opened);
  harness.now += 5000;
  await harness.worker.tick();
  await until(async () => (await listNotifications(database, { state: 'delivered' })).items.length === 1, 'the fast receiver');
  await harness.publish(escalated);
  harness.now += 60_000;
  await harness.worker.tick();
  await until(() => harness.sent.filter(({ receiver }) => receiver === 'clawdbot').length === 2, 'the second message');
  assert.equal(harness.sent.filter(({ receiver }) => receiver === 'slow').length, 1);
  harness.answer = () => ({ kind: 'delivered' });
  answerSlow({ kind: 'delivered' });
  await harness.worker.idle();
  await harness.advance(1);
  assert.deepEqual(told(harness.sent.filter(({ receiver }) => receiver === 'slow')), ['slow firing warning 1', 'slow firing critical 2']);
});

test('each receiver hears only of its severities, and follows what it was told to the end', async (t) => {
  const harness = await start(t, [CLAWDBOT, { ...CLAWDBOT, name: 'phone', severities: ['critical'] }]);
  await harness.publish(opened);
  await harness.advance(5000);
  assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1']);
  await harness.publish(escalated);
  await harness.advance(60_000);
  await harness.publish(resolved);
  await harness.advance(60_000);
  assert.deepEqual(told(harness.sent.filter(({ receiver }) => receiver === 'phone')), [
    'phone firing critical 1',
    'phone resolved critical 1',
  ]);
});

test('a receiver that comes later hears of what fires, not of what has ended; one that leaves is forgotten', async (t) => {
  const harness = await start(t, []);
  await harness.publish(opened, resolved, eventOf('opened', 15, anomalyOf(rate)));
  await harness.restart({ receivers: [{ ...CLAWDBOT, name: 'new' }] });
  harness.answer = () => failure;
  await until(async () => {
    await harness.advance(5000);
    return harness.sent.length > 0;
  }, 'message');
  assert.equal(harness.sent[0]?.payload.alerts.length, 1);
  await harness.restart({ receivers: [] });
  await until(async () => (await listNotifications(database, { state: 'dropped' })).items.length === 1, 'dropped');
});

test('without resolved notices the end of an alert is not reported', async (t) => {
  const harness = await start(t, [{ ...CLAWDBOT, send_resolved: false }]);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(resolved);
  await harness.advance(60_000);
  await harness.advance(3_600_000);
  assert.deepEqual(told(harness.sent), ['clawdbot firing warning 1']);
});

test('a receiver whose list leaves out the escalated alert reads that it escalated and is not over, also without resolved notices', async (t) => {
  const why = { code: 'severity_lost', params: { severity: 'critical', lost: 900, limit: 500 } };
  for (const send_resolved of [true, false]) {
    const [day, night] = (['warning', 'critical'] as const).map((one): Receiver => ({
      ...CLAWDBOT,
      name: one,
      severities: [one],
      send_resolved,
    }));
    assert.ok(day !== undefined && night !== undefined);
    const harness = await start(t, [day, night]);
    await harness.publish(opened);
    await harness.advance(5000);
    await harness.publish(eventOf('updated', 12, anomalyOf({ severity: 'critical', severity_reason: why })));
    await harness.advance(60_000);
    const of = (name: string) => harness.sent.filter(({ receiver }) => receiver === name).map(({ payload }) => payload);
    const summary = of('warning')[1]?.alerts[0]?.annotations['summary'] ?? '';
    assert.equal(of('warning')[1]?.alerts[0]?.annotations['escalated_to'], 'critical');
    assert.match(summary, /^↪ ESCALADO PARA CRÍTICO: Negadas acima do normal/);
    assert.match(summary, /900 transações perdidas/);
    assert.match(summary, /Ainda não terminou: este destino não recebe alertas de severidade CRÍTICO$/);
    assert.deepEqual(
      of('critical').map(({ status, alerts }) => `${status} ${alerts.length}`),
      ['firing 1'],
    );
    await harness.publish(resolved);
    await harness.advance(120_000);
    assert.equal(of('warning').length, 2, 'nothing more comes to one who was told where it goes on');
    await harness.release();
  }
});

test('a receiver of the escalated alert gets no notice that the first one ended', async (t) => {
  const harness = await start(t);
  await harness.publish(opened);
  await harness.advance(5000);
  await harness.publish(escalated);
  await harness.advance(60_000);
  const replaced = harness.sent[1]?.payload.alerts.find(({ status }) => status === 'resolved');
  assert.match(replaced?.annotations['summary'] ?? '', /^↪ ESCALADO PARA CRÍTICO/);
  assert.doesNotMatch(replaced?.annotations['summary'] ?? '', /destino/);
});
