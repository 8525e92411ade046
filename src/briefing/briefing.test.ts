import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import { createAct } from '../auth/act.ts';
import { personActor } from '../auth/directory.ts';
import type { Database } from '../store/database.ts';
import { fingerprint, putAlert, START } from '../incident/test-incident.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { watchNamed } from '../store/verbs/incident/incident-alert.ts';
import { insertIncident } from '../store/verbs/incident/incident-row.ts';
import { briefingHtml, briefingMarkdown } from './briefing-pages.ts';
import { createBriefingService, type BriefingService } from './briefing-service.ts';
import { briefingShort, briefingText } from './briefing-text.ts';
import { makeBriefings } from './make-briefings.ts';

const ZONE = 'America/Sao_Paulo';
/** 00:00 in São Paulo. */
const MIDNIGHT = Date.parse('2026-11-22T03:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GATHER = { pagesBudget: 2, shiftsAWeek: 7 };

let database: Database;
let briefings: BriefingService;
const clock = { at: 0, now: () => clock.at, monotonic: () => 0 };

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(`delete from briefing; delete from notification; delete from incident; delete from minute; delete from minute_slice; delete from act; delete from service_state;
    alter table audit disable trigger all; delete from audit; delete from audit_head; alter table audit enable trigger all`);
  await database.query(`insert into service_state (started_at, ended_at, state) values ($1, $2, 'healthy')`, [
    MIDNIGHT - 9 * HOUR,
    MIDNIGHT,
  ]);
  clock.at = MIDNIGHT;
  const act = createAct({ database, clock });
  const respond = { act, clock, holds: { inhibit: createInhibit([]), groupIntervalMs: 1 }, ackTimeoutMs: 0, timeZone: ZONE };
  const standing = async () => ({ lastMinute: clock.at - MINUTE, judged: true });
  briefings = createBriefingService({ database, clock, act, respond, timeZone: ZONE, gather: GATHER, standing });
});

const person = (id: string): Actor =>
  personActor({ id, name: id, roles: ['operator'], identities: [] }, { channel: 'telegram', messageId: null });
const look = (judged = true, localeOf: (receiver: string) => Locale = () => 'pt-BR', lateMs = 90_000) =>
  database.transaction((tx) =>
    makeBriefings(tx, clock.at, {
      shifts: [{ name: 'night', start: '00:00', end: '08:00' }],
      timeZone: ZONE,
      localeOf,
      receivers: ['clawdbot', 'pager'],
      externalUrl: 'https://guardian.example',
      gather: GATHER,
      lateMs,
      judged,
    }),
  );
const sent = async () =>
  (
    await database.query<{ id: string; message: Message }>(
      `select id, message from notification where kind = 'notice' order by created_at, id`,
    )
  ).map(({ id, message }) => [id, message.firing[0]?.annotations['message'] ?? ''] as const);

/** Minutes of the last eight hours, of `total` transactions each. */
async function traffic(until: number, total = 100, approved = 94): Promise<void> {
  await database.query(
    `insert into minute (minute, state, total, revision, late, backfill, alive, observed, closed_at)
     select m, 'observed', $3, 0, 0, false, true, true, m from generate_series($1::bigint, $2::bigint, 60000) m`,
    [until - 8 * HOUR, until - MINUTE, total],
  );
  await database.query(
    `insert into minute_slice (minute, status, auth_code, acquirer, count, amount)
     select m, 'approved', '', 'a', $3, 0 from generate_series($1::bigint, $2::bigint, 60000) m`,
    [until - 8 * HOUR, until - MINUTE, approved],
  );
}
const open = (title: string) =>
  insertIncident(database, { title, priority: 'P2', proposed: 'P2', is_chosen: true, opened_by: null, opened_at: clock.at - HOUR });

test('the night begins with a briefing in the form that people know, once for each receiver', async () => {
  await traffic(MIDNIGHT);
  await look();
  await look();
  const [first, second, ...more] = await sent();
  assert.deepEqual(
    [first?.[0], second?.[0], more],
    ['clawdbot-briefing-night-2026-11-22-start', 'pager-briefing-night-2026-11-22-start', []],
  );
  assert.equal(
    first?.[1],
    [
      '🌙 Briefing Turno Noturno',
      '',
      '📊 Últimas 8 horas:',
      '├── Total TX: 48.000',
      '├── Aprovadas: 94,0%',
      '├── Anomalias: 0',
      '├── Incidentes: 0 P1, 0 P2',
      '└── Mensagens ao plantão: 0 (orçamento: 2)',
      '',
      '⚠️ Atenção:',
      '└── Nenhuma',
      '',
      '📋 Pendências:',
      '└── Nenhuma',
      '',
      '🩺 Sistema:',
      '├── Detector em dia',
      '└── Entrega de mensagens sem falhas',
      '',
      'Nada a passar: nenhum alerta, nenhuma pendência.',
      '',
      'Bom turno! 🦞',
    ].join('\n'),
  );
});

test('a stream that stopped in the shift is named with its last transaction, also where empty minutes close', async () => {
  await traffic(MIDNIGHT);
  await database.query(`update minute set total = 0, state = 'silent' where minute >= $1`, [MIDNIGHT - 20 * MINUTE]);
  await look();
  const [told] = (await sent()).map(([, text]) => text);
  assert.match(told ?? '', /⚠️ Sem dados em 20 minutos do período\n└── ⚠️ Nenhuma transação depois de 21\/11, 23:39\n/);
  assert.doesNotMatch(told ?? '', /Nada a passar/);
  assert.match((await briefings.now('en')).text, /└── ⚠️ No transaction after 21 Nov, 23:39\n/);
});

test('a program that was away sends the last one late and says so, and none of what is long past', async () => {
  await traffic(MIDNIGHT);
  clock.at = MIDNIGHT + 2 * HOUR;
  await look();
  assert.match((await sent())[0]?.[1] ?? '', /⏰ Atrasado: devia ter saído às 00:00/);
  clock.at = MIDNIGHT + 60 * HOUR;
  await look();
  const ids = new Set((await sent()).map(([id]) => id));
  assert.deepEqual(
    [...ids].filter((id) => id.startsWith('clawdbot')),
    ['clawdbot-briefing-night-2026-11-22-start', 'clawdbot-briefing-night-2026-11-24-end'],
  );
});

test('a new installation has nothing to hand over yet, also with an imported history', async () => {
  await database.exec('delete from service_state');
  await traffic(MIDNIGHT);
  await look();
  assert.deepEqual(await sent(), []);
});

test('what waits is carried until somebody accepts it', async () => {
  await traffic(MIDNIGHT);
  await open('API lenta');
  await look();
  const pending = async () => (await briefings.read(null, 'pt-BR'))?.facts.pendencies.map(({ key, carried }) => [key, carried]);
  assert.deepEqual(await pending(), [['incident:1', false]]);
  clock.at = MIDNIGHT + 8 * HOUR;
  await look();
  assert.deepEqual(await pending(), [['incident:1', true]]);
  assert.deepEqual(await briefings.accept(person('bia'), 'night-2026-11-22-end'), { kind: 'done', id: 'night-2026-11-22-end' });
  const second = await briefings.accept(person('ana'), 'night-2026-11-22-end');
  assert.deepEqual(second, { kind: 'taken', name: 'bia', at: clock.at });
  clock.at = MIDNIGHT + 24 * HOUR;
  await look();
  assert.deepEqual(await pending(), [['incident:1', false]]);
  assert.deepEqual(await briefings.accept(person('ana'), 'nope'), { kind: 'unknown' });
});

test('what nobody knows is said: minutes without data, and a detector that is behind', async () => {
  await traffic(MIDNIGHT - 2 * HOUR);
  await look(false);
  const [, told = ''] = (await sent())[0] ?? [];
  assert.match(told, /⚠️ Sem dados em 120 minutos do período/);
  assert.match(told, /⚠️ O detector ainda não avaliou todos os minutos/);
  assert.doesNotMatch(told, /Nada a passar/);
});

test('a briefing waits until the last minute of its shift closes', async () => {
  await traffic(MIDNIGHT);
  await database.query('update minute set closed_at = null where minute = $1', [MIDNIGHT - MINUTE]);
  await look();
  assert.deepEqual(await sent(), []);
  await database.query('update minute set closed_at = $1 where minute = $2', [MIDNIGHT + 40_000, MIDNIGHT - MINUTE]);
  clock.at = MIDNIGHT + 45_000;
  await look();
  const [, told = ''] = (await sent())[0] ?? [];
  assert.match(told, /Total TX: 48.000\n├── Aprovadas: 94,0%/);
  assert.doesNotMatch(told, /Sem dados|Atrasado/);
});

test('it waits as long as minutes wait for late records here, and no longer', async () => {
  await traffic(MIDNIGHT);
  const late = 1800_000;
  // A stream whose records may come half an hour late has closed nothing of the last half hour.
  await database.query('update minute set closed_at = null where minute >= $1', [MIDNIGHT - late]);
  clock.at = MIDNIGHT + late;
  await look(true, () => 'pt-BR', late);
  assert.deepEqual(await sent(), []);
  clock.at = MIDNIGHT + late + 30_000;
  await look(true, () => 'pt-BR', late);
  assert.equal((await sent()).length, 2);
});

test('transactions of a minute that has not closed are in no figure of a briefing', async () => {
  await traffic(MIDNIGHT);
  await database.query('update minute set closed_at = null where minute >= $1', [MIDNIGHT - 4 * MINUTE]);
  clock.at = MIDNIGHT + 2 * MINUTE;
  await look();
  const [, told = ''] = (await sent())[0] ?? [];
  assert.match(told, /Total TX: 47.600\n├── Aprovadas: 94,0%/);
});

test('an incident that is named after an alert is in the language of each receiver', async () => {
  await traffic(MIDNIGHT);
  await putAlert(database, 'acq', { begins: 0 });
  await open('Negadas acima do normal acq');
  await watchNamed(database, [fingerprint('acq')], clock.at);
  await database.exec('update incident_alert set incident = 1');
  await look(true, (receiver) => (receiver === 'pager' ? 'en' : 'pt-BR'));
  const [clawdbot, pager] = (await sent()).map(([, text]) => text);
  assert.match(clawdbot ?? '', /inc-1 P2: Negadas acima do normal acq/);
  assert.match(pager ?? '', /inc-1 P2: Denials above normal acq/);
  await database.exec('delete from incident_alert; delete from alert; delete from anomaly');
});

test('what was judged so late that nobody was notified is counted, and named', async () => {
  await traffic(MIDNIGHT);
  const begins = Math.round((MIDNIGHT - HOUR - START) / MINUTE);
  await putAlert(database, 'late', { begins, ends: begins + 12, merchant: 'm-9', backfill: true });
  const { text, facts } = await briefings.now('pt-BR');
  assert.deepEqual([facts.anomalies, facts.anomalies_resolved], [1, 1]);
  assert.match(text, /Anomalias: 1 \(1 resolvida\)/);
  assert.match(text, /Negadas acima do normal · lojista m-9, 12 min, avaliada tarde: ninguém foi avisado \(resolvido\)/);
  assert.doesNotMatch(text, /Nada a passar/);
  await database.exec('delete from anomaly');
});

test('a shift of less than an hour is told in minutes', async () => {
  await traffic(MIDNIGHT);
  const now = await briefings.now('en');
  const spanOf = (minutes: number, locale: Locale) =>
    briefingText({ ...now, from: new Date(Date.parse(now.to) - minutes * MINUTE).toISOString() }, locale, ZONE).split('\n')[2];
  assert.deepEqual(
    [spanOf(2, 'pt-BR'), spanOf(1, 'en'), spanOf(90, 'pt-BR')],
    ['📊 Últimos 2 minutos:', '📊 Last 1 minute:', '📊 Última 1,5 hora:'],
  );
});

test('the same shift last week stands beside it', async () => {
  await traffic(MIDNIGHT - 7 * 24 * HOUR, 50, 48);
  await traffic(MIDNIGHT);
  const told = (await briefings.now('en')).text;
  assert.match(told, /Total TX: 48,000 \(last week: 24,000\)/);
  assert.match(told, /Approved: 94.0% \(last week: 96.0%\)/);
});

test('a title with markup and lines stays one line of text in every form', async () => {
  await traffic(MIDNIGHT);
  await open('<script>alert(1)</script>\n└── *fake*');
  const now = await briefings.now('en');
  assert.doesNotMatch(now.text, /fake/);
  assert.doesNotMatch(briefingHtml(now, 'en', ZONE), /<script>/);
  assert.match(briefingMarkdown(now, 'en', ZONE), /\\<script\\>/);
  assert.deepEqual(briefingShort(now, 'en', ZONE).split('\n').length, 3);
});

/** What the receivers have: the newest state of each group. */
const arrived = async () => {
  await database.exec(`update notification set state = 'delivered', delivered_at = created_at where state = 'pending'`);
  return (
    await database.query<{ id: string; status: string; message: Message }>(
      `select distinct on (receiver, group_key) id, status, message from notification where receiver = 'pager' order by receiver, group_key, created_at desc, id desc`,
    )
  ).map(({ status, message }) => [status, (message.firing[0] ?? message.resolved[0])?.annotations['message']?.split('\n')[0] ?? '']);
};

test('the alert of a briefing resolves when somebody accepts it, and says who', async () => {
  await traffic(MIDNIGHT);
  await look();
  assert.deepEqual(await arrived(), [['firing', '🌙 Briefing Turno Noturno']]);
  await briefings.accept(person('bia'), 'night-2026-11-22-start');
  clock.at = MIDNIGHT + MINUTE;
  await look();
  await look();
  assert.deepEqual(await arrived(), [['resolved', 'Turno night: briefing aceito por bia às 00:00']]);
  assert.equal((await sent()).length, 4, 'once for each receiver');
});

const ENDS = [
  ['🏁 Fim de Turno night', 'firing'],
  ['Turno night: briefing encerrado, ninguém aceitou', 'resolved'],
] as const;

test('nobody accepts it: its alert resolves when the next briefing follows, not before the receiver has it', async () => {
  await traffic(MIDNIGHT);
  await look();
  clock.at = MIDNIGHT + 8 * HOUR;
  await look();
  const waiting = await database.query(
    `select status from notification where state = 'pending' and receiver = 'pager' order by created_at`,
  );
  assert.deepEqual(waiting, [{ status: 'firing' }, { status: 'firing' }], 'both are still to be read');
  await arrived();
  clock.at += MINUTE;
  await look();
  assert.deepEqual(new Map((await arrived()).map(([status = '', title = '']) => [title, status])), new Map(ENDS));
});

test('what waits now has the keys of a briefing, but no more than the keys: of alerts that somebody owns none', async () => {
  await open('API slow');
  for (const name of ['one', 'two', 'owned', 'over'])
    await putAlert(database, name, { begins: 0, ...(name === 'over' ? { ends: 3 } : {}) });
  await database.query(`update alert set state = $1::jsonb where fingerprint = $2`, [
    JSON.stringify({ acknowledged_by: { id: 'ana', name: 'Ana' } }),
    fingerprint('owned'),
  ]);
  await database.query(`update alert set state = '{"acknowledged_by": null}' where fingerprint = $1`, [fingerprint('two')]);
  await database.query(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, withholds, state, next_attempt_at,
                               created_at, attempts, last_error)
     values ('nt_1', 'pager', 'g', 'firing', 'info', 'h', '{}', '{}', '[]', 'pending', 1, 1, 3, 'away')`,
  );
  const handedOver = (await briefings.now('en')).facts.pendencies.map(({ key }) => key);
  assert.deepEqual([...(await briefings.waiting())].toSorted(), handedOver.toSorted());
  assert.equal(handedOver.length, 4);
  await database.exec('delete from notification; delete from alert; delete from anomaly');
});
