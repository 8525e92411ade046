import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OnCallList, OnCallPolicy, OnCallShiftList } from '@transaction-guardian/contracts/oncall.ts';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { FastifyInstance } from 'fastify';
import { createAct } from '../../auth/act.ts';
import { createDirectory } from '../../auth/directory.ts';
import { createOnCall } from '../../oncall/oncall.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer, NOW } from '../server-under-test.ts';
import { registerOnCallRoutes } from './oncall.ts';

const PEOPLE: readonly Person[] = [
  { id: 'ana', name: 'Ana, do turno', roles: ['operator'], identities: ['telegram:777'] },
  { id: 'bia', name: 'Bia', roles: ['viewer'], identities: ['telegram:778'] },
];
const READ = { host: 'localhost' };
let database: Database;
let app: FastifyInstance;

before(async () => {
  database = await openTestDatabase();
  const clock = { now: () => NOW, monotonic: () => NOW };
  const directory = createDirectory(PEOPLE);
  const oncall = createOnCall({
    database,
    clock,
    act: createAct({ database, clock }),
    directory,
    schedules: [
      { name: 'night', layers: [{ people: ['ana', 'bia'], starts: '2026-11-02', hand_over: '08:00', every: 'weekly', holidays: 'yes' }] },
    ],
    timeZone: 'America/Sao_Paulo',
    holidays: [],
  });
  const policy = { schedules: [], escalation: [], quiet_hours: null, people: [{ id: 'ana', name: 'Ana' }] };
  const deps = { oncall, clock, policy, language: createRequestLanguage('pt-BR') };
  ({ app } = await createTestServer({ deps: { directory, routes: [(one) => registerOnCallRoutes(one, deps)] } }));
});
after(() => database.close());

const post = (path: string, payload: object, identity = 'telegram:777') =>
  app.inject({ method: 'POST', url: `/api/v1/oncall/${path}`, headers: { ...CLI_HEADERS, 'guardian-identity': identity }, payload });
const get = (path: string) => app.inject({ url: `/api/v1/oncall${path}`, headers: READ });

test('anybody on this machine reads who is on call, now and at a time', async () => {
  const { items }: OnCallList = (await get('')).json();
  assert.deepEqual([items[0]?.person?.id, items[0]?.until], ['ana', '2026-11-23T11:00:00.000Z']);
  const later: OnCallList = (await get('?at=2026-11-24T00:00:00Z')).json();
  assert.equal(later.items[0]?.person?.id, 'bia');
  assert.equal((await get('?at=tomorrow')).statusCode, 400);
});

test('anybody on this machine reads how it is configured', async () => {
  assert.deepEqual((await get('/policy')).json<OnCallPolicy>().people, [{ id: 'ana', name: 'Ana' }]);
});

test('shifts are listed, of a known schedule and a time that makes sense', async () => {
  const { items }: OnCallShiftList = (await get('/shifts?schedule=night')).json();
  assert.deepEqual(
    items.map(({ person }) => person?.id),
    ['ana', 'bia', 'ana'],
  );
  assert.equal((await get('/shifts?schedule=day')).statusCode, 404);
  const wrong = await get('/shifts?schedule=night&from=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z');
  assert.deepEqual([wrong.statusCode, wrong.json<Problem>().errors?.[0]?.rule], [400, 'shift_order']);
});

test('the feed is a calendar in the language of the caller, with names escaped', async () => {
  const feed = await get('/calendar?schedule=night');
  assert.equal(feed.statusCode, 200, feed.body);
  assert.match(String(feed.headers['content-type']), /^text\/calendar/);
  const unfolded = feed.body.replaceAll('\r\n ', '');
  assert.match(unfolded, /SUMMARY:Plantão: Ana\\, do turno \(night\)\r\n/);
  assert.match(
    unfolded,
    /UID:night-1795431600000@transaction-guardian\r\nDTSTAMP:20261122T120000Z\r\nDTSTART:20261123T110000Z\r\nDTEND:20261130T110000Z/,
  );
});

test('an operator overrides, a viewer does not, a program without a token is asked for one', async () => {
  const body = { schedule: 'night', person: 'bia', starts_at: '2026-11-22T12:00:00Z', ends_at: '2026-11-22T18:00:00Z' };
  const local = await app.inject({ method: 'POST', url: '/api/v1/oncall/overrides', headers: READ, payload: body });
  assert.equal(local.json<Problem>().code, 'AUTH_REQUIRED');
  assert.equal((await post('overrides', body, 'telegram:778')).json<Problem>().code, 'AUTH_ROLE');
  const made = await post('overrides', body);
  assert.equal(made.statusCode, 201, made.body);
  assert.equal((await get('')).json<OnCallList>().items[0]?.person?.id, 'bia');
  const { id } = made.json<{ items: { id: string }[] }>().items[0] ?? { id: '' };
  const remove = () =>
    app.inject({ method: 'DELETE', url: `/api/v1/oncall/changes/${id}`, headers: { ...CLI_HEADERS, 'guardian-identity': 'telegram:777' } });
  assert.deepEqual([(await remove()).statusCode, (await remove()).statusCode], [204, 404]);
  const wrong = await post('overrides', { ...body, schedule: 'day' });
  assert.deepEqual([wrong.statusCode, wrong.json<Problem>().errors?.[0]?.field], [422, 'schedule']);
  assert.match(wrong.json<Problem>().errors?.[0]?.message ?? '', /night/);
  for (const [change, rule] of [
    [{ by: 'x' }, 'by unknown_field'],
    [{ person: 7 }, 'person type'],
    [{ starts_at: '2026-11-22T12:00:00' }, 'starts_at timestamp_zone'],
    [{ reason: '4111 1111 1111 1111' }, 'reason card_number'],
    [{ ends_at: undefined }, 'ends_at required'],
  ] as const) {
    const answer = await post('overrides', { ...body, ...change });
    assert.equal(answer.statusCode, 422, answer.body);
    assert.deepEqual(
      answer.json<Problem>().errors?.map(({ field, rule: broken }) => `${field} ${broken}`),
      [rule],
    );
  }
});
