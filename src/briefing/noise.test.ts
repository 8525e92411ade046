import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import { createAct } from '../auth/act.ts';
import { personActor } from '../auth/directory.ts';
import type { RespondDeps } from '../respond/act.ts';
import { endSilence } from '../respond/silence.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { createBriefingService, type BriefingService } from './briefing-service.ts';
import { deliverPages } from './test-pages.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
/** 14 pages a week. */
const GATHER = { pagesBudget: 2, shiftsAWeek: 7 };
const clock = { at: NOW, now: () => clock.at, monotonic: () => 0 };

let database: Database;
let briefings: BriefingService;
let respond: RespondDeps;
before(async () => {
  database = await openTestDatabase();
  const act = createAct({ database, clock });
  const holds = { inhibit: createInhibit([]), groupIntervalMs: 60_000 };
  respond = { act, clock, holds, ackTimeoutMs: 0, timeZone: 'America/Sao_Paulo' };
  const standing = async () => ({ lastMinute: null, judged: true });
  briefings = createBriefingService({ database, clock, act, respond, timeZone: respond.timeZone, gather: GATHER, standing });
});
after(() => database.close());
beforeEach(async () => {
  clock.at = NOW;
  await database.exec('truncate notification, silence, silence_hit, briefing, alert, feedback, act');
});

const person = (id: string, roles: ['operator' | 'viewer'] = ['operator']) =>
  personActor({ id, name: id, roles, identities: [] }, { channel: 'telegram', messageId: null });
const proposed = async () => (await briefings.now('pt-BR')).facts.noise.demotions ?? [];
const pages = (n: number, merchant: string | null, more: { severity?: 'critical' | 'warning'; receiver?: string } = {}) =>
  deliverPages(database, {
    n,
    merchant,
    until: NOW,
    severity: more.severity ?? 'warning',
    ...(more.receiver === undefined ? {} : { receiver: more.receiver }),
  });

test('a cause that burns the budget is proposed; within the budget, and what takes little of it, is not', async () => {
  await pages(10, 'm-loud');
  assert.deepEqual(await proposed(), [], '10 of 14');
  await pages(2, 'm-rare');
  await pages(4, 'm-loud', { severity: 'critical' });
  const [only, ...more] = await proposed();
  assert.deepEqual(more, []);
  assert.deepEqual([only?.texts['pt-BR'], only?.max_severity, only?.pages], ['Volume baixo, lojista m-loud', 'warning', 10]);
  assert.ok(only?.matchers.includes('merchant_id="m-loud"'));
  assert.match(
    (await briefings.now('pt-BR')).text,
    /📉 Ruído:\n└── Rebaixar Volume baixo, lojista m-loud: 10 mensagens em 7 dias \(orçamento 14\)\? Responda "rebaixar [0-9a-f]{8}"/,
  );
});

test('two receivers of one page count once', async () => {
  await pages(8, 'm-loud');
  await pages(8, 'm-loud', { receiver: 'boss' });
  assert.deepEqual(await proposed(), []);
});

test('an outage of all traffic, and what people called useful, is never proposed', async () => {
  await pages(30, null, { severity: 'critical' });
  assert.deepEqual(await proposed(), []);
  await pages(20, 'm-loud');
  const [one] = await proposed();
  const [row] = await database.query<{ fingerprint: string }>(
    `select message -> 'firing' -> 0 ->> 'fingerprint' as fingerprint from notification where severity = 'warning' limit 1`,
  );
  assert.equal(one?.pages, 20);
  await database.query(
    `insert into alert (fingerprint, starts_at, status, name, type, severity, anomaly_id, group_key, body, updated_at, translations, state, backfill, version)
     values ($1, 1, 'resolved', 'GuardianLowVolume', 'low_volume', 'warning', 'an_1', 'g', '{"summary":""}', 1, '{}', '{}', false, 0)`,
    [row?.fingerprint ?? ''],
  );
  await database.query(
    `insert into feedback (number, anomaly_id, given_by, verdict, node, node_group, anomaly, given_at, minute) values (1, 'an_1', 'ana', 'useful', '', '', '{}', 1, 1)`,
  );
  assert.deepEqual(await proposed(), []);
});

test('one tap demotes for a week, once, up to the severity that was named; it is audited and undone', async () => {
  await pages(20, 'm-loud');
  const [one] = await proposed();
  const cause = one?.cause ?? '';
  const done = await briefings.demote(person('ana'), { cause, locale: 'pt-BR' });
  assert.equal(done?.kind, 'done');
  const { silence } = done ?? assert.fail();
  assert.deepEqual(
    [silence.max_severity, silence.ends_at, silence.reason, silence.matchers],
    ['warning', '2026-11-29T03:00:00.000Z', 'Rebaixado por ruído: 20 mensagens em 7 dias, orçamento 14', one?.matchers],
  );
  assert.deepEqual(await proposed(), [], 'proposed no more');
  assert.equal(await briefings.demote(person('bia'), { cause, locale: 'pt-BR' }), null, 'nor demoted twice');
  const audit = await database.query(
    `select entry ->> 'verb' as verb, entry -> 'arguments' ->> 'cause' as cause from audit order by number desc limit 1`,
  );
  assert.deepEqual(audit, [{ verb: 'alert.demote', cause }]);
  assert.equal((await endSilence(respond, person('bia'), { id: silence.id })).kind, 'done');
  assert.equal((await proposed()).length, 1, 'undone, it is proposed again');
});

test('a proposal of a stored briefing counts hours later, and of two people the second gets the name of the first', async () => {
  await pages(20, 'm-loud');
  const facts = (await briefings.now('pt-BR')).facts;
  await database.query(
    `insert into briefing (id, shift, kind, due_at, made_at, from_at, to_at, facts) values ('night-2026-11-22-start', 'night', 'start', $1, $1, $1, $1, $2::jsonb)`,
    [NOW, JSON.stringify(facts)],
  );
  const cause = facts.noise.demotions?.[0]?.cause ?? '';
  clock.at = NOW + 8 * 86_400_000;
  assert.deepEqual(await proposed(), [], 'the week is over');
  assert.equal((await briefings.demote(person('ana'), { cause, locale: 'en' }))?.kind, 'done');
  const second = await briefings.demote(person('bia'), { cause, briefing: 'latest', locale: 'en' });
  assert.deepEqual([second?.kind, second?.kind === 'already' && second.by.name], ['already', 'ana']);
  assert.equal(await briefings.demote(person('ana'), { cause: '00000000', locale: 'en' }), null);
  await assert.rejects(briefings.demote(person('vera', ['viewer']), { cause, locale: 'en' }), { code: 'AUTH_ROLE' });
});
