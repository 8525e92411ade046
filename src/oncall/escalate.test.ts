import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { CLAWDBOT, createAlertHarness, TIMES, type AlertHarness } from '../alert/test-harness.ts';
import { acknowledgeAlert, unacknowledgeAlert } from '../respond/acknowledge.ts';
import { personNamed, respondDeps } from '../respond/test-respond.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { escalateDue, type EscalateOptions } from './escalate.ts';
import { quietHoursOf } from './escalation.ts';
import { placeOf } from './rota.ts';
import { until } from '../test-until.ts';

const MINUTE = 60_000;
const ANA = personNamed('Ana');
/** Hears of nothing but what is escalated to it: the alert of these tests is a warning. */
const BOSS = { ...CLAWDBOT, name: 'boss', severities: ['critical' as const] };
const step = (after_minutes: number, receiver: string, more: object = {}) => ({
  after_minutes,
  receivers: [receiver],
  schedules: [],
  people: [],
  ...more,
});
const OPTIONS: EscalateOptions = {
  policies: [{ severities: ['warning'], steps: [step(10, 'boss', { schedules: ['night'] }), step(30, 'boss', { people: ['bia'] })] }],
  quiet: null,
  onCall: async (schedules) => (schedules.includes('night') ? ['ana'] : []),
  nameOf: (id) => ({ ana: 'Ana', bia: 'Bia' })[id] ?? id,
  localeOf: () => 'pt-BR',
  externalUrl: '',
  ...TIMES,
};

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function burning(t: TestContext) {
  const harness: AlertHarness = await createAlertHarness(database, [CLAWDBOT, BOSS]);
  await database.exec('truncate escalation, escalation_step');
  t.after(harness.release);
  await harness.publish(eventOf('opened', 1, anomalyOf()));
  await harness.advance(5000);
  await escalateDue(database, OPTIONS, harness.now);
  const go = async (minutes: number, options = OPTIONS): Promise<void> => {
    harness.now += minutes * MINUTE;
    await escalateDue(database, options, harness.now);
    await harness.advance(0);
  };
  const boss = () => harness.sent.filter(({ receiver }) => receiver === 'boss').map(({ payload }) => payload);
  return { harness, go, boss, deps: respondDeps(harness), id: harness.sent[0]?.payload.alerts[0]?.fingerprint ?? '' };
}

test('steps notify their receivers one after the other, each once, and name whom they are for', async (t) => {
  const { go, boss } = await burning(t);
  await go(9);
  assert.deepEqual(boss(), []);
  await go(1);
  assert.equal(boss().length, 1);
  assert.match(boss()[0]?.alerts[0]?.annotations['summary'] ?? '', /\nEscalonamento, passo 1: Ana$/);
  await go(5);
  await go(15);
  assert.deepEqual([boss().length, boss()[1]?.status], [2, 'firing']);
  assert.match(boss()[1]?.alerts[0]?.annotations['summary'] ?? '', /passo 2: Bia$/);
  await go(600);
  assert.equal(boss().length, 2);
});

test('an acknowledgement stops it; taken back, it goes on from where it stood', async (t) => {
  const { go, boss, deps, id } = await burning(t);
  await go(5);
  await acknowledgeAlert(deps, ANA, { alertId: id });
  await go(20);
  assert.deepEqual(boss(), []);
  await unacknowledgeAlert(deps, ANA, { alertId: id });
  await go(4);
  assert.deepEqual(boss(), []);
  await go(1);
  assert.equal(boss().length, 1);
});

test('whoever got a step is notified of the end; whoever got none is not', async (t) => {
  const one = await burning(t);
  await one.go(10);
  await one.harness.publish(eventOf('resolved', 9, resolvedOf()));
  await one.harness.advance(0);
  await one.go(1);
  await one.go(1);
  assert.deepEqual(
    one.boss().map(({ status }) => status),
    ['firing', 'resolved'],
  );
  const other = await burning(t);
  await other.harness.publish(eventOf('resolved', 9, resolvedOf()));
  await other.go(60);
  assert.deepEqual(other.boss(), []);
});

test('several processes that look at once, and one that stops before it sent, take a step once', async (t) => {
  const { harness, go, boss } = await burning(t);
  harness.now += 10 * MINUTE;
  await Promise.all([1, 2, 3].map(() => escalateDue(database, OPTIONS, harness.now)));
  await harness.restart();
  await harness.settle();
  await harness.advance(5000);
  await go(0);
  assert.equal(boss().length, 1);
});

test('what can wait waits for the end of the quiet hours', async (t) => {
  const place = placeOf('America/Sao_Paulo', new Set());
  const { harness, go, boss } = await burning(t);
  // From now on it is quiet, for two hours.
  const local = new Date(place.local(harness.now));
  const time = (hours: number) => new Date(local.getTime() + hours * 60 * MINUTE).toISOString().slice(11, 16);
  const hours = quietHoursOf(time(0), time(2), place);
  assert.ok(hours);
  const quiet = { ...OPTIONS, quiet: { hours, severities: ['warning' as const] } };
  await go(60, quiet);
  assert.deepEqual(boss(), [], 'quiet for another hour');
  await go(0, { ...quiet, quiet: { hours, severities: ['info'] } });
  assert.equal(boss().length, 1, 'what is not named cannot wait');
});

/** How a receiver heard of the alert, in order. */
const heard = (harness: AlertHarness, receiver: string): string[] =>
  harness.sent.filter((sent) => sent.receiver === receiver).map(({ payload }) => payload.status);
const TO_THE_PAGED: EscalateOptions = {
  ...OPTIONS,
  policies: [{ severities: ['warning'], steps: [step(10, 'clawdbot'), step(10, 'boss')] }],
};

test('who has the page and a step is notified of the end once, in whichever order its messages go out', async (t) => {
  for (const isGroupFirst of [true, false]) {
    const { harness, go } = await burning(t);
    await go(10, TO_THE_PAGED);
    await harness.publish(eventOf('resolved', 9, resolvedOf()));
    if (isGroupFirst) await harness.advance(60_000);
    await go(1, TO_THE_PAGED);
    await go(5, TO_THE_PAGED);
    assert.deepEqual(heard(harness, 'clawdbot'), ['firing', 'firing', 'resolved'], `group first: ${isGroupFirst}`);
    assert.deepEqual(heard(harness, 'boss'), ['firing', 'resolved']);
  }
});

test('killed while it sends the end, the next process sends it again with the same id, and no second end', async (t) => {
  const { harness, go } = await burning(t);
  await go(10, TO_THE_PAGED);
  harness.answer = ({ payload }, signal) =>
    payload.status === 'firing'
      ? { kind: 'delivered' }
      : new Promise((settle) => signal.addEventListener('abort', () => settle({ kind: 'retry', error: 'gone', afterMs: 0 })));
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  harness.now += MINUTE;
  await harness.worker.tick();
  await until(() => heard(harness, 'clawdbot').includes('resolved'), 'the end is on its way');
  await harness.restart({ kill: true });
  harness.answer = () => ({ kind: 'delivered' });
  await until(() => harness.worker.isCaughtUp(), 'the next process is ready');
  for (let minute = 0; minute < 5; minute += 1) await go(1, TO_THE_PAGED);
  const ends = harness.sent.filter(({ receiver, payload }) => receiver === 'clawdbot' && payload.status === 'resolved');
  assert.deepEqual([ends.length, new Set(ends.map(({ id }) => id)).size], [2, 1]);
});

test('a step that has not arrived when the alert ends is not sent afterwards to who hears of the end by its page', async (t) => {
  const { harness, go } = await burning(t);
  harness.answer = () => ({ kind: 'retry', error: 'away', afterMs: 600_000 });
  await go(10, TO_THE_PAGED);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  await go(1, TO_THE_PAGED);
  harness.answer = () => ({ kind: 'delivered' });
  const before = heard(harness, 'clawdbot').length;
  await go(60, TO_THE_PAGED);
  await go(60, TO_THE_PAGED);
  assert.deepEqual(heard(harness, 'clawdbot').slice(before), ['resolved']);
});

test('two receivers of one conversation get one end; one that takes no ends gets none', async (t) => {
  const options: EscalateOptions = {
    ...TO_THE_PAGED,
    receivers: [
      { name: 'clawdbot', send_resolved: true, target: 'chat 777' },
      { name: 'boss', send_resolved: true, target: 'chat 777' },
    ],
  };
  const { harness, go } = await burning(t);
  await go(10, options);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  for (let minute = 0; minute < 3; minute += 1) await go(1, options);
  assert.deepEqual([heard(harness, 'clawdbot'), heard(harness, 'boss')], [['firing', 'firing', 'resolved'], ['firing']]);

  const other = await burning(t);
  const quiet = { ...OPTIONS, receivers: [{ name: 'boss', send_resolved: false, target: 'boss' }] };
  await other.go(10, quiet);
  await other.harness.publish(eventOf('resolved', 9, resolvedOf()));
  await other.go(1, quiet);
  assert.deepEqual(heard(other.harness, 'boss'), ['firing']);
});

test('a step to two receivers of one conversation is one message there, and its end is one', async (t) => {
  const both = { ...step(10, 'boss'), receivers: ['boss', 'dora'] };
  const harness = await createAlertHarness(database, [CLAWDBOT, BOSS, { ...BOSS, name: 'dora' }]);
  await database.exec('truncate escalation, escalation_step');
  t.after(harness.release);
  const options: EscalateOptions = {
    ...OPTIONS,
    policies: [{ severities: ['warning'], steps: [both] }],
    receivers: ['boss', 'dora'].map((name) => ({ name, send_resolved: true, target: 'chat 777' })),
  };
  const go = async (minutes: number): Promise<void> => {
    harness.now += minutes * MINUTE;
    await escalateDue(database, options, harness.now);
    await harness.advance(0);
  };
  await harness.publish(eventOf('opened', 1, anomalyOf()));
  await go(1);
  await go(10);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
  await go(1);
  assert.deepEqual([heard(harness, 'boss'), heard(harness, 'dora')], [['firing', 'resolved'], []]);
});

test('who got a step of the lower severity alone is notified of the end of what turned worse', async (t) => {
  const options = { ...OPTIONS, policies: [{ severities: ['warning' as const], steps: [step(10, 'dora')] }] };
  const harness = await createAlertHarness(database, [CLAWDBOT, { ...BOSS, name: 'dora', severities: ['info'] }]);
  await database.exec('truncate escalation, escalation_step');
  t.after(harness.release);
  const go = async (minutes: number): Promise<void> => {
    harness.now += minutes * MINUTE;
    await escalateDue(database, options, harness.now);
    await harness.advance(0);
  };
  await harness.publish(eventOf('opened', 1, anomalyOf()));
  await go(1);
  await go(10);
  await harness.publish(eventOf('updated', 2, anomalyOf({ severity: 'critical' })));
  await go(1);
  assert.deepEqual(heard(harness, 'dora'), ['firing']);
  await harness.publish(eventOf('resolved', 9, resolvedOf({ severity: 'critical' })));
  await go(1);
  await go(1);
  assert.deepEqual(heard(harness, 'dora'), ['firing', 'resolved']);
});

test('steps of what another alert inhibits do not come all at once when that ends, but count from its first message then', async (t) => {
  const { harness, go, boss } = await burning(t);
  const inhibited = (by: readonly string[]) =>
    database.query(`update alert set state = $1::jsonb where status = 'firing'`, [JSON.stringify({ ...NO_STATE, inhibited_by: by })]);
  await inhibited(['cause']);
  for (let minute = 0; minute < 60; minute += 1) await go(1);
  assert.deepEqual(boss(), []);
  await inhibited([]);
  await go(1);
  assert.deepEqual(boss(), [], 'cause and consequence seldom end in the same minute');
  await go(8);
  assert.deepEqual(boss(), []);
  await go(2);
  assert.equal(boss().length, 1);
  await go(15);
  assert.equal(boss().length, 1);
  await go(5);
  assert.equal(boss().length, 2);
  await harness.publish(eventOf('resolved', 9, resolvedOf()));
});
