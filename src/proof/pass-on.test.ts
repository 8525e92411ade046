import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { startProofRun } from './test-proof.ts';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { acknowledgeAlert } from '../respond/acknowledge.ts';
import { personNamed, respondDeps } from '../respond/test-respond.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { noteReceipt } from './receipt.ts';
import { until } from '../test-until.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const critical = (id = 'an_1', changes: object = {}) => anomalyOf({ id, severity: 'critical', ...changes });
const begin = (t: TestContext, options: Parameters<typeof startProofRun>[2] = {}) => startProofRun(t, database, options);

for (const [what, fault] of [
  ['429', { kind: 'retry', error: 'HTTP 429', afterMs: 600_000 }],
  ['500', { kind: 'retry', error: 'HTTP 500', afterMs: 0 }],
  ['403', { kind: 'refused', error: 'HTTP 403' }],
  ['refusing', { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 }],
] as const)
  test(`a first channel that answers ${what} is replaced after a minute, and says nothing again when it is back`, async (t) => {
    const run = await begin(t);
    run.first = () => fault;
    await run.harness.publish(eventOf('opened', 10, critical()));
    await run.go(64);
    assert.deepEqual(run.shown('second'), []);
    await run.go(3);
    assert.deepEqual(run.shown('second'), ['firing an_1']);
    await run.go(300);
    run.first = () => ({ kind: 'delivered' });
    await run.go(700);
    assert.deepEqual(run.shown('first'), []);
    await run.harness.publish(eventOf('resolved', 40, resolvedOf({ ...critical(), ...resolvedOf({ severity: 'critical' }) })));
    await run.go(120);
    assert.deepEqual([run.shown('first'), run.shown('second')], [[], ['firing an_1', 'resolved an_1']]);
  });

const UNANSWERED = { kind: 'retry', error: 'no answer within 10 s', afterMs: 0, mayHaveArrived: true } as const;
const failures = {
  type: 'failures_above_normal',
  node: { kind: 'status', status: 'failed' },
  slice: { status: 'failed', share: 1 },
} as const;

test('the second channel hears of the end of one alert while another one of its message goes on', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()), eventOf('opened', 11, critical('an_2', failures)));
  await run.go(70);
  assert.deepEqual(run.shown('second').toSorted(), ['firing an_1', 'firing an_2']);
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(70);
  assert.equal(run.shown('second').filter((what) => what === 'resolved an_1').length, 1);
  await run.harness.publish(eventOf('resolved', 50, resolvedOf({ id: 'an_2', severity: 'critical', ...failures })));
  await run.go(130);
  assert.equal(run.shown('second').filter((what) => what.startsWith('resolved')).length, 2);
  assert.deepEqual(run.shown('first'), []);
});

test('a first channel that took the page without an answer hears of the end as well as the second', async (t) => {
  const run = await begin(t);
  [run.first, run.losesAnswers] = [() => UNANSWERED, true];
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70);
  run.first = () => ({ kind: 'delivered' });
  await run.go(120);
  const before = run.shown('first').length;
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(120);
  assert.deepEqual(run.shown('first').slice(before), ['resolved an_1']);
  assert.deepEqual(run.shown('second'), ['firing an_1', 'resolved an_1']);
});

test('a first channel that is back does not repeat what it has, when the news of the message went to the second', async (t) => {
  const run = await begin(t);
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(10);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 20, critical('an_2', failures)));
  await run.go(130);
  assert.deepEqual([run.shown('first'), run.shown('second')], [['firing an_1'], ['firing an_2']]);
  run.first = () => ({ kind: 'delivered' });
  await run.go(300);
  assert.deepEqual([run.shown('first'), run.shown('second')], [['firing an_1'], ['firing an_2']]);
  await run.harness.publish(
    eventOf('resolved', 50, resolvedOf({ severity: 'critical' })),
    eventOf('resolved', 51, resolvedOf({ id: 'an_2', severity: 'critical', ...failures })),
  );
  await run.go(130);
  assert.deepEqual(run.shown('first'), ['firing an_1', 'resolved an_1']);
  assert.deepEqual(run.shown('second'), ['firing an_2', 'resolved an_2']);
});

test('a second channel that is back does not repeat what it has, when the first got the news after all', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70);
  run.second = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await run.harness.publish(eventOf('opened', 20, critical('an_2', failures)));
  await run.go(140);
  run.first = () => ({ kind: 'delivered' });
  await run.go(130);
  run.second = () => ({ kind: 'delivered' });
  await run.go(130);
  assert.deepEqual([run.shown('first'), run.shown('second')], [['firing an_2'], ['firing an_1']]);
});

test('a second channel that has not got the page hears of no end, where the first has it after all', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  run.second = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(80);
  run.first = () => ({ kind: 'delivered' });
  await run.go(130);
  run.second = () => ({ kind: 'delivered' });
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(130);
  assert.deepEqual([run.shown('first'), run.shown('second')], [['firing an_1', 'resolved an_1'], []]);
});

test('once the first channel is notified again both hear of the end, each once', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70);
  run.first = () => ({ kind: 'delivered' });
  await run.go(3700);
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(130);
  assert.deepEqual(run.shown('first'), ['firing an_1', 'resolved an_1']);
  assert.deepEqual(run.shown('second'), ['firing an_1', 'resolved an_1']);
});

test('a second channel that is down at the end of an alert hears of it when it is back', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70);
  run.second = () => ({ kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 });
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(130);
  await run.harness.publish(eventOf('opened', 60, critical('an_2', failures)));
  await run.go(130);
  run.second = () => ({ kind: 'delivered' });
  await run.go(130);
  assert.deepEqual(run.shown('second').toSorted(), ['firing an_1', 'firing an_2', 'resolved an_1']);
});

test('a first channel that fails at its repeat too is replaced again', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(3900);
  assert.deepEqual(run.shown('second'), ['firing an_1', 'firing an_1']);
  await run.harness.publish(eventOf('resolved', 40, resolvedOf({ severity: 'critical' })));
  await run.go(130);
  assert.deepEqual([run.shown('first'), run.shown('second').slice(2)], [[], ['resolved an_1']]);
});

test('a first channel that hangs is replaced while it hangs', async (t) => {
  const run = await begin(t);
  run.first = (signal) =>
    new Promise((settle) => signal.addEventListener('abort', () => settle({ kind: 'retry', error: 'x', afterMs: 0 })));
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70, { waits: false });
  await until(() => run.shown('second').length > 0);
  assert.deepEqual(run.shown('second'), ['firing an_1']);
});

test('a success without a receipt is no proof where receipts are reported; a receipt in time is', async (t) => {
  const run = await begin(t, { receipts: true });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(30);
  assert.deepEqual(run.shown('first'), ['firing an_1']);
  await run.report('delivered');
  await run.go(200);
  assert.deepEqual(run.shown('second'), []);

  await run.harness.publish(
    eventOf('opened', 20, critical('an_2', { node: { kind: 'merchant', merchant_id: 'm-9' }, slice: { merchant_id: 'm-9', share: 1 } })),
  );
  await run.go(80);
  assert.deepEqual(run.shown('second'), ['firing an_2']);
});

test('a receipt that says it failed does not wait for the minute', async (t) => {
  const run = await begin(t, { receipts: true });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(10);
  await run.report('failed');
  await run.go(2);
  assert.deepEqual(run.shown('second'), ['firing an_1']);
});

test('what is acknowledged, or less than critical, needs no proof', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await run.harness.publish(
    eventOf('opened', 10, critical()),
    eventOf('opened', 11, anomalyOf({ id: 'an_2', node: { kind: 'acquirer', acquirer: 'a' }, slice: { acquirer: 'a', share: 1 } })),
  );
  await run.go(30);
  await acknowledgeAlert(respondDeps(run.harness), personNamed('Ana'), { alertId: 'an_1' });
  await run.go(200);
  assert.deepEqual(run.shown('second'), []);
});

test('without a second channel, or where it proves nothing either, the next step of the escalation is due', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  run.second = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(66);
  assert.deepEqual(run.shown('boss'), []);
  await run.go(70);
  assert.deepEqual(run.shown('boss'), ['firing an_1']);
  await run.go(60);
  assert.equal(run.shown('boss').length, 1);
});

test('an alert that still fires is repeated by the first channel once it is time for that', async (t) => {
  const run = await begin(t);
  run.first = () => ({ kind: 'refused', error: 'HTTP 403' });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(70);
  run.first = () => ({ kind: 'delivered' });
  await run.go(3400);
  assert.deepEqual(run.shown('first'), []);
  await run.go(300);
  assert.deepEqual(run.shown('first'), ['firing an_1']);
});

test('a receipt counts once, names unknown alerts, and finds its message by its alerts', async (t) => {
  const run = await begin(t, { receipts: true });
  await run.harness.publish(eventOf('opened', 10, critical()));
  await run.go(10);
  const known = run.alertsOf('first')[0];
  assert.ok(known !== undefined);
  const stranger = { fingerprint: 'ffff', status: 'firing' as const, starts_at: '2026-11-22T03:00:00Z' };
  const receipt = {
    ...{ notificationId: null, alerts: [{ ...known, starts_at: known.starts_at.replace('.000Z', '+00:00') }, stranger] },
    ...{ channel: 'telegram', to: '777', providerMessageId: '12', state: 'delivered' as const, at: run.harness.now, error: null },
  };
  const note = (more: object = {}) =>
    noteReceipt(database, { receipt: { ...receipt, ...more }, receivers: ['first'], now: run.harness.now });
  const first = await note();
  assert.deepEqual([first.notifications.length, first.unknown, first.isRepeat], [1, ['ffff'], false]);
  assert.equal((await note()).isRepeat, true);
  assert.equal((await note({ state: 'read' })).isRepeat, false);
  const nobody = await note({ alerts: [stranger], providerMessageId: '13' });
  assert.deepEqual([nobody.notifications, nobody.unknown], [[], ['ffff']]);
});
