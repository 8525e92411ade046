import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { createAlertHarness, type AlertHarness } from '../alert/test-harness.ts';
import type { Database } from '../store/database.ts';
import { until } from '../test-until.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { listAudit, verifyAudit } from '../store/verbs/audit/list-audit.ts';
import type { RespondDeps } from './act.ts';
import { acknowledgeAlert, acknowledgeAlerts, unacknowledgeAlert } from './acknowledge.ts';
import { snoozeAlert, unsnoozeAlert } from './snooze.ts';
import { personNamed, respondDeps } from './test-respond.ts';

const [ANA, BIA] = [personNamed('Ana'), personNamed('Bia')];
const MINUTE = 60_000;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** A stage with one alert that the receiver was notified of. */
async function burning(t: TestContext): Promise<{ harness: AlertHarness; deps: RespondDeps; id: string }> {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.publish(eventOf('opened', 1, anomalyOf()));
  await harness.advance(5000);
  assert.equal(harness.sent.length, 1);
  const id = harness.sent[0]?.payload.alerts[0]?.fingerprint ?? '';
  return { harness, deps: respondDeps(harness), id };
}

const firing = async () => (await listAlerts(database, { status: 'firing' })).items;

test('an acknowledged alert has an owner and repeats no more, and comes back after the timeout when it still fires', async (t) => {
  const { harness, deps, id } = await burning(t);
  const done = await acknowledgeAlert(deps, ANA, { alertId: id, comment: 'ligando para a adquirente' });
  assert.ok(done.kind === 'done');
  assert.deepEqual(done.alert.acknowledged_by, { id: 'person:ana', name: 'Ana' });
  assert.equal(done.alert.acknowledged_until, new Date(harness.now + 30 * MINUTE).toISOString());
  await harness.advance(29 * MINUTE);
  assert.equal(harness.sent.length, 1, 'no repeat');
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 2, 'it still fires');
  assert.equal(harness.sent[1]?.payload.alerts[0]?.status, 'firing');
  assert.equal((await firing())[0]?.acknowledged_by, null);
});

test('also the repeat interval passes over an acknowledged alert, without a timeout for good', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert({ ...deps, ackTimeoutMs: 0 }, ANA, { alertId: id });
  await harness.advance(5 * 60 * MINUTE);
  assert.equal(harness.sent.length, 1);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  await harness.advance(MINUTE);
  assert.equal(harness.sent[1]?.payload.status, 'resolved', 'its end is news all the same');
  assert.equal((await database.query(`select 1 from alert_response where ended_how = 'resolved'`)).length, 1);
});

test('of two people at once the first wins and the second gets the name of the first', async (t) => {
  const { deps, id } = await burning(t);
  const both = await Promise.all([acknowledgeAlert(deps, ANA, { alertId: id }), acknowledgeAlert(deps, BIA, { alertId: 'an_1' })]);
  assert.deepEqual(both.map(({ kind }) => kind).toSorted(), ['done', 'taken']);
  const taken = both.find((outcome) => outcome.kind === 'taken');
  assert.ok(taken !== undefined && taken.kind === 'taken');
  assert.equal(taken.by.id, (await firing())[0]?.acknowledged_by?.id);
});

test('the owner who acknowledges again starts the timeout again', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  harness.now += 20 * MINUTE;
  const again = await acknowledgeAlert(deps, ANA, { alertId: id });
  assert.equal(again.kind === 'done' && again.alert.acknowledged_until, new Date(harness.now + 30 * MINUTE).toISOString());
  await harness.advance(20 * MINUTE);
  assert.equal(harness.sent.length, 1);
});

test('undone, it notifies again', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  await harness.advance(2 * MINUTE);
  assert.equal((await unacknowledgeAlert(deps, BIA, { alertId: id })).kind, 'done');
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 2);
  assert.equal((await unacknowledgeAlert(deps, BIA, { alertId: id })).kind, 'none');
});

test('what becomes worse is owned by nobody and notifies at once', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  await harness.publish(eventOf('updated', 2, anomalyOf({ severity: 'critical', updated_at: '2025-07-12T20:12:00.000Z' })));
  await harness.advance(MINUTE);
  const [worse] = harness.sent[1]?.payload.alerts ?? [];
  assert.deepEqual([worse?.status, worse?.labels['severity'], worse?.annotations['acknowledged_by']], ['firing', 'critical', undefined]);
});

test('an alert that takes over from another and is no worse keeps the owner', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  await harness.publish(eventOf('updated', 2, anomalyOf({ type: 'approval_rate_down', updated_at: '2025-07-12T20:12:00.000Z' })));
  await harness.advance(MINUTE);
  const [next] = await firing();
  assert.equal(next?.type, 'approval_rate_down');
  assert.equal(next?.acknowledged_by?.name, 'Ana');
  const shown = harness.sent[1]?.payload.alerts.find(({ status }) => status === 'firing');
  assert.equal(shown?.annotations['acknowledged_by'], 'Ana');
  assert.match(shown?.annotations['summary'] ?? '', /Reconhecido por Ana em .* às /);
});

test('a new alert of the group goes out, and the acknowledged one stands beside it with its owner', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  await harness.publish(
    eventOf(
      'opened',
      3,
      anomalyOf({
        id: 'an_2',
        type: 'failures_above_normal',
        node: { kind: 'status', status: 'failed' },
        slice: { status: 'failed', share: 1 },
      }),
    ),
  );
  await harness.advance(2 * MINUTE);
  assert.equal(harness.sent.length, 2);
  const owners = new Map(
    harness.sent[1]?.payload.alerts.map(({ labels, annotations }) => [labels['type'], annotations['acknowledged_by']]),
  );
  assert.deepEqual(
    owners,
    new Map([
      ['denials_above_normal', 'Ana'],
      ['failures_above_normal', undefined],
    ]),
  );
});

test('an acknowledgement before the first message keeps it back, and survives a crash', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const deps = respondDeps(harness);
  await harness.publish(eventOf('opened', 1, anomalyOf()));
  await acknowledgeAlert(deps, ANA, { alertId: 'an_1' });
  await harness.restart({ kill: true });
  await harness.settle();
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 0);
  await harness.advance(30 * MINUTE);
  assert.equal(harness.sent.length, 1, 'the timeout counts over the crash');
});

test('a storm is acknowledged as one act, and what opens afterwards notifies', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const deps = respondDeps(harness);
  const merchant = (index: number) => ({ kind: 'merchant' as const, merchant_id: `m-${index}` });
  await harness.publish(
    ...Array.from({ length: 50 }, (_, index) => eventOf('opened', index + 1, anomalyOf({ id: `an_s${index}`, node: merchant(index) }))),
  );
  await acknowledgeAlert(deps, BIA, { alertId: 'an_s0' });
  const rows = (await listAudit(database)).items.length;
  const { acknowledged, taken } = await acknowledgeAlerts(deps, ANA, {});
  assert.deepEqual([acknowledged.length, taken], [49, 1]);
  const { items } = await listAlerts(database, { status: 'firing' });
  assert.equal(items.filter(({ acknowledged_by: owner }) => owner?.name === 'Ana').length, 49);
  assert.equal((await listAudit(database)).items.length, rows + 1);
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 0);
  await harness.publish(eventOf('opened', 99, anomalyOf({ id: 'an_new', node: merchant(99) })));
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 1);
});

test('a snoozed alert is silent until its end, and then notifies', async (t) => {
  const { harness, deps, id } = await burning(t);
  const until = harness.now + 15 * MINUTE;
  const done = await snoozeAlert(deps, ANA, { alertId: id, until });
  assert.equal(done.kind === 'done' && done.alert.snoozed_until, new Date(until).toISOString());
  await harness.advance(14 * MINUTE);
  assert.equal(harness.sent.length, 1);
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 2);
});

test('a snooze ends in the future and within a day; undone, the alert notifies', async (t) => {
  const { harness, deps, id } = await burning(t);
  assert.deepEqual(await snoozeAlert(deps, ANA, { alertId: id, until: harness.now }), { kind: 'invalid', rule: 'end_in_future' });
  const far = await snoozeAlert(deps, ANA, { alertId: id, until: harness.now + 25 * 60 * MINUTE });
  assert.deepEqual(far, { kind: 'invalid', rule: 'end_too_late' });
  await snoozeAlert(deps, ANA, { alertId: id, until: harness.now + 60 * MINUTE });
  await harness.advance(2 * MINUTE);
  await unsnoozeAlert(deps, BIA, { alertId: id });
  await harness.advance(MINUTE);
  assert.equal(harness.sent.length, 2);
});

test('what resolves while it is snoozed is reported, and once', async (t) => {
  const { harness, deps, id } = await burning(t);
  await snoozeAlert(deps, ANA, { alertId: id, until: harness.now + 60 * MINUTE });
  await harness.advance(2 * MINUTE);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  await harness.advance(MINUTE);
  await harness.advance(2 * 60 * MINUTE);
  assert.deepEqual(
    harness.sent.map(({ payload }) => payload.status),
    ['firing', 'resolved'],
  );
});

test('an act on what is not there, or over, changes nothing and is audited', async (t) => {
  const { harness, deps, id } = await burning(t);
  assert.equal((await acknowledgeAlert(deps, ANA, { alertId: 'nobody' })).kind, 'unknown');
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  assert.equal((await acknowledgeAlert(deps, ANA, { alertId: id })).kind, 'not_firing');
  const rows = (await listAudit(database, {}, { limit: 2 })).items;
  assert.deepEqual(
    rows.map(({ verb, result }) => [verb, result]),
    [
      ['alert.acknowledge', 'refused'],
      ['alert.acknowledge', 'not_found'],
    ],
  );
  assert.equal((await verifyAudit(database, undefined)).fault, null);
});

test('a release while a message is on its way is not lost with its arrival', async (t) => {
  const { harness, deps, id } = await burning(t);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  const { promise, resolve } = Promise.withResolvers<void>();
  harness.answer = () => promise.then(() => ({ kind: 'delivered' }) as const);
  await harness.publish(
    eventOf(
      'opened',
      3,
      anomalyOf({
        id: 'an_2',
        type: 'failures_above_normal',
        node: { kind: 'status', status: 'failed' },
        slice: { status: 'failed', share: 1 },
      }),
    ),
  );
  harness.now += 2 * MINUTE;
  await harness.worker.tick();
  await until(() => harness.sent.length === 2, 'the message is on its way');
  await unacknowledgeAlert(deps, ANA, { alertId: id });
  resolve();
  await harness.worker.idle();
  assert.equal(harness.sent.length, 2);
  await harness.advance(2 * MINUTE);
  assert.equal(harness.sent.length, 3, 'it is owned by nobody again');
});

test('what people did in a database that is rebuilt waits for its alert', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const deps = respondDeps(harness);
  await database.query(
    `insert into alert_response (kind, anomaly_id, severity, by_id, by_name, at) values ('acknowledge', 'an_1', 'warning', 'ana', 'Ana', $1)`,
    [harness.now],
  );
  // The log is read from its start: something else comes and goes first.
  await harness.publish(eventOf('opened', 1, anomalyOf({ id: 'an_0' })), eventOf('resolved', 2, resolvedOf({ id: 'an_0' })));
  await harness.publish(eventOf('opened', 3, anomalyOf()));
  await harness.advance(MINUTE);
  assert.equal((await firing())[0]?.acknowledged_by?.name, 'Ana');
  assert.equal(harness.sent.length, 0);
  await unacknowledgeAlert(deps, ANA, { alertId: 'an_1' });
});
