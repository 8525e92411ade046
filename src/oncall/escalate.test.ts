import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { CLAWDBOT, createAlertHarness, type AlertHarness } from '../alert/test-harness.ts';
import { acknowledgeAlert, unacknowledgeAlert } from '../respond/acknowledge.ts';
import { personNamed, respondDeps } from '../respond/test-respond.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { escalateDue, type EscalateOptions } from './escalate.ts';
import { quietHoursOf } from './escalation.ts';
import { placeOf } from './rota.ts';

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
