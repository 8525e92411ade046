import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createAct } from '../auth/act.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { createIncidentService, type IncidentService } from './incident-service.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { writeStates } from '../store/verbs/alert/alert-states.ts';
import { keepIncidents } from './keep-incidents.ts';
import { CLEAR, fingerprint, person, putAlert, START } from './test-incident.ts';

let database: Database;
let incidents: IncidentService;
const clock = { at: 0, now: () => clock.at, monotonic: () => 0 };
const MINUTE = 60_000;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(CLEAR);
  clock.at = START + 2 * MINUTE;
  incidents = createIncidentService({ database, clock, act: createAct({ database, clock }), timeZone: 'America/Sao_Paulo' });
});

const keep = () => database.transaction((tx) => keepIncidents(tx, clock.at, { openAfterMs: 15 * MINUTE, quietMs: 10 * MINUTE }));
const wait = (minutes: number): void => void (clock.at += minutes * MINUTE);
const all = async () => (await incidents.list({}, {}, 'en')).items;
const kinds = async (number: number) => (await incidents.read(number, 'en'))?.timeline.map(({ kind }) => kind);

test('a critical alert that nobody acknowledges opens an incident by itself, with the others of its group', async () => {
  await putAlert(database, 'a', { begins: 0, lost: 300 });
  await putAlert(database, 'b', { begins: 1, severity: 'warning' });
  await putAlert(database, 'other', { begins: 1, severity: 'warning', merchant: 'm-9' });
  await keep();
  wait(14);
  await keep();
  assert.deepEqual(await all(), []);
  wait(1);
  await keep();
  await keep();
  const [incident, ...more] = await all();
  assert.deepEqual(more, []);
  assert.equal(incident?.priority, 'P1');
  assert.equal(incident.opened_by, null);
  assert.deepEqual(
    incident.alerts.map(({ fingerprint: one }) => one),
    [fingerprint('a'), fingerprint('b')],
  );
  assert.equal(incident.lost_transactions, 300);
  assert.deepEqual(incident.times, { to_detect_s: 120, to_deliver_s: null, to_acknowledge_s: null, to_resolve_s: null });
});

test('one that opens by itself is named after what its alert is about, in the language of the reader', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await database.query(
    `update alert set body = body || jsonb_build_object('summary', $1::text), translations = jsonb_build_object('en', body || jsonb_build_object('summary', $2::text))`,
    [
      '🚨 CRÍTICO: Negadas acima do normal, código 51\n55/min, esperado 7,7',
      '🚨 CRITICAL: Denials above normal, code 51\n55/min, expected 7.7',
    ],
  );
  await keep();
  wait(15);
  await keep();
  const title = async (locale: 'pt-BR' | 'en') => (await incidents.list({}, {}, locale)).items[0]?.title;
  assert.deepEqual([await title('pt-BR'), await title('en')], ['Negadas acima do normal, código 51', 'Denials above normal, code 51']);
  await incidents.change(person('ana'), 1, { title: 'Emissor fora' });
  assert.equal(await title('en'), 'Emissor fora');
});

test('a critical alert that something held back for a while opens one once nothing does, whatever it was', async () => {
  const held = [
    { acknowledged_by: { id: 'ana', name: 'Ana' } },
    { snoozed_until: 'x' },
    { silenced_by: ['si_1'] },
    { inhibited_by: ['f'] },
  ];
  for (const [at] of held.entries()) await putAlert(database, `held-${at}`, { begins: 0, merchant: `m-${at}` });
  const write = (stateOf: (at: number) => object) =>
    writeStates(
      database,
      held.map((_hold, at) => ({ fingerprint: fingerprint(`held-${at}`), startsAt: START, state: { ...NO_STATE, ...stateOf(at) } })),
    );
  await keep();
  await write((at) => held[at] ?? {});
  wait(20);
  await keep();
  assert.deepEqual(await all(), []);
  await write(() => ({}));
  await keep();
  assert.equal((await all()).length, held.length);
});

test('an acknowledged alert, a warning and backfill open none', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await putAlert(database, 'b', { begins: 0, severity: 'warning', merchant: 'm-1' });
  await keep();
  wait(60);
  await database.query(`update alert set state = '{"acknowledged_by":{"id":"ana","name":"Ana"}}' where fingerprint = $1`, [
    fingerprint('a'),
  ]);
  await keep();
  assert.deepEqual(await all(), []);
});

test('the time to acknowledge goes on over a restart, and an alert that ended needs nobody', async () => {
  await putAlert(database, 'a', { begins: 0, merchant: 'm-1' });
  await putAlert(database, 'b', { begins: 0, merchant: 'm-2' });
  await keep();
  wait(10);
  await putAlert(database, 'a', { begins: 0, merchant: 'm-1', ends: 12 });
  await keep();
  wait(5);
  await keep();
  assert.deepEqual(
    (await all()).flatMap(({ alerts }) => alerts.map(({ fingerprint: one }) => one)),
    [fingerprint('b')],
  );
});

test('alerts of the cause join while it is open, and raise a priority that nobody chose', async () => {
  await putAlert(database, 'a', { begins: 0, severity: 'warning' });
  const opened = await incidents.open(person('ana'), { title: 'API lenta', alerts: [fingerprint('a')] });
  assert.deepEqual(opened, { kind: 'done', number: 1 });
  assert.equal((await all())[0]?.priority, 'P3');
  await putAlert(database, 'c', { begins: 3 });
  await keep();
  assert.equal((await all())[0]?.priority, 'P1');
  assert.deepEqual(await kinds(1), ['opened', 'alert_joined', 'alert_joined', 'priority_changed']);

  await incidents.change(person('ana'), 1, { priority: 'P2' });
  await putAlert(database, 'd', { begins: 4 });
  await keep();
  assert.equal((await all())[0]?.priority, 'P2');
  assert.equal((await all())[0]?.proposed_priority, 'P1');
});

test('a message that was taken before anybody looked at its alert is the first one of the incident', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await database.query('update alert set noted_at = $1', [clock.at - 3000]);
  await database.exec(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, attempts, created_at, delivered_at)
     values ('n0', 'clawdbot', '{}:{scope="fleet"}', 'firing', 'critical', '', '{}', '{}', 'delivered', 1, ${clock.at - 3000}, ${clock.at - 2000})`,
  );
  await keep();
  await incidents.open(person('ana'), { title: 'API lenta', alerts: [fingerprint('a')] });
  await keep();
  const [incident] = await all();
  assert.deepEqual([incident?.times.to_detect_s, incident?.times.to_deliver_s], [117, 1]);
  assert.ok((await kinds(1))?.includes('message_delivered'));
});

test('the timeline writes itself once: messages, acts of people, ends', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await keep();
  wait(15);
  await keep();
  await database.exec(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, attempts, created_at, delivered_at)
     values ('n1', 'clawdbot', '{}:{scope="fleet"}', 'firing', 'critical', '', '{}', '{}', 'delivered', 1, ${clock.at}, ${clock.at + 5000})`,
  );
  const act = createAct({ database, clock });
  await act({ actor: person('bia'), verb: 'feedback.give', arguments: { anomaly_id: 'an_a', verdict: 'useful' } }, async () => ({
    value: null,
    outcome: { result: 'done' },
  }));
  wait(1);
  await keep();
  await keep();
  await putAlert(database, 'a', { begins: 0, ends: 20 });
  await keep();
  await keep();
  assert.deepEqual(await kinds(1), ['opened', 'alert_joined', 'act', 'message_delivered', 'alert_resolved']);
  const [incident] = await all();
  assert.equal(incident?.times.to_deliver_s, 905);
  assert.equal(incident?.times.to_acknowledge_s, 900);
  assert.equal(incident?.state, 'detected');
  // Somebody has taken it up: it waits for a person.
  wait(60);
  await keep();
  assert.equal((await all())[0]?.state, 'detected');
});

test('a run of whoever opened an incident stands in its timeline once, whatever the runbook is for; another one does not', async () => {
  await incidents.open(person('ana'), { title: 'API lenta' });
  const run = (id: string, by: string, startedAt: number) =>
    database.query(
      `insert into runbook_run (id, runbook, state, record, holder, lease_until, started_at, ended_at)
       values ($1, 'restart-api', 'done', $2::jsonb, 'x', now(), $3, $3)`,
      [id, JSON.stringify({ requested_by: { id: by, kind: 'person', name: by, claimed_name: null }, definition: {} }), startedAt],
    );
  await run('before', 'ana', clock.at - MINUTE);
  await run('of-bia', 'bia', clock.at + MINUTE);
  await run('of-ana', 'ana', clock.at + MINUTE);
  wait(2);
  await keep();
  await keep();
  const entries = (await incidents.read(1, 'en'))?.timeline.map(({ text }) => text);
  assert.deepEqual(entries, ['ana opened the incident, P3: API lenta', 'ana ran the runbook restart-api: done']);
  await database.exec('alter table runbook_run disable trigger all; delete from runbook_run; alter table runbook_run enable trigger all');
});

test('what was done to an alert before it had an incident stands in its timeline, and counts as the acknowledgement', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await putAlert(database, 'other', { begins: 0, merchant: 'm-9' });
  await keep();
  wait(2);
  const act = createAct({ database, clock });
  const acknowledged = async (names: readonly string[], args: Record<string, unknown>) =>
    act({ actor: person('bia'), verb: 'alert.acknowledge', arguments: args }, async () => ({
      value: null,
      outcome: { result: 'done', after: { acknowledged: names.map(fingerprint) } },
    }));
  await acknowledged(['other'], { alert_id: fingerprint('other') });
  wait(1);
  await acknowledged(['a', 'other'], { alert_ids: 'all' });
  await keep();
  wait(10);
  await incidents.open(person('ana'), { title: 'API', alerts: [fingerprint('a')] });
  await keep();
  assert.deepEqual(await kinds(1), ['act', 'opened', 'alert_joined']);
  const [incident] = await all();
  assert.equal(incident?.times.to_acknowledge_s, 180);
});

test('what nobody took up is resolved some minutes after its alerts ended, and not while one comes back', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await keep();
  wait(15);
  await keep();
  await putAlert(database, 'a', { begins: 0, ends: 17 });
  await keep();
  wait(5);
  await putAlert(database, 'a2', { begins: 21 });
  await keep();
  wait(20);
  await keep();
  assert.equal((await all())[0]?.state, 'detected');
  await putAlert(database, 'a2', { begins: 21, ends: 40 });
  await keep();
  const ended = clock.at;
  wait(10);
  await keep();
  const [incident] = await all();
  assert.equal(incident?.state, 'resolved');
  assert.equal(incident.resolved_at, new Date(ended).toISOString());
});

test('detection trouble of the program itself opens no incident', async () => {
  await putAlert(database, 'self', { begins: 0, type: 'detector_behind' });
  await keep();
  wait(60);
  await keep();
  assert.deepEqual(await all(), []);
});
