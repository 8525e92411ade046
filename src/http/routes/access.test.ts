import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { AccessList, NewAccessCode, NewAccessLink } from '@transaction-guardian/contracts/access.ts';
import type { AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { createAccess } from '../../auth/access.ts';
import { createGuessLimit } from '../../auth/guess-limit.ts';
import { newLinkId, PAIRING_CODE_MS, PERSONAL_LINK_MS } from '../../auth/sign-in.ts';
import { createAct } from '../../auth/act.ts';
import { createDirectory } from '../../auth/directory.ts';
import { createServiceToken } from '../../auth/service-token.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { listAudit } from '../../store/verbs/audit/list-audit.ts';
import { createSessions } from '../auth.ts';
import { createTestServer, NOW, TEST_TOKEN } from '../server-under-test.ts';
import { createRequestLanguage } from '../request-language.ts';
import { registerAccessRoutes } from './access.ts';

const PEOPLE: readonly Person[] = [
  { id: 'ana', name: 'Ana', roles: ['operator'], identities: ['telegram:777'] },
  { id: 'bruno', name: 'Bruno', roles: ['admin'], identities: ['slack:U0123ABC'] },
];
const PAGE = { host: 'localhost', accept: 'text/html' };
let database: Database;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(() =>
  database.exec(
    'alter table audit disable trigger all; truncate access_link, access_session, act, audit, audit_head; alter table audit enable trigger all',
  ),
);

async function serve(people = PEOPLE) {
  const clock = { at: NOW, now: () => clock.at, monotonic: () => clock.at };
  const sessions = createSessions(Buffer.alloc(32, 7), clock);
  const directory = createDirectory(people);
  const act = createAct({ database, clock });
  const token = createServiceToken(TEST_TOKEN);
  const access = createAccess({
    database,
    clock,
    act,
    directory,
    keys: sessions,
    guesses: createGuessLimit(clock),
    base: () => 'https://guardian.example',
  });
  const rotateToken = () => token.replace('gst_the-next-token-of-the-server');
  const routes = [
    (app: Parameters<typeof registerAccessRoutes>[0]) =>
      registerAccessRoutes(app, { access, act, rotateToken, language: createRequestLanguage('en') }),
  ];
  const { app } = await createTestServer({ deps: { sessions, directory, token, access, routes } });
  const as = (identity: string) => ({ host: 'localhost', authorization: `Bearer ${TEST_TOKEN}`, 'guardian-identity': identity });
  return {
    app,
    clock,
    access,
    make: (identity: string, body: object = {}, key?: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/access/links',
        headers: { ...as(identity), ...(key === undefined ? {} : { 'idempotency-key': key }) },
        payload: body,
      }),
    code: (identity: string, body: object = {}) =>
      app.inject({ method: 'POST', url: '/api/v1/access/codes', headers: as(identity), payload: body }),
    type: (code: string, remoteAddress = '192.0.2.1') =>
      app.inject({ method: 'POST', url: '/api/v1/session', headers: { host: 'localhost' }, payload: { code }, remoteAddress }),
    exchange: () => sessions.exchange(sessions.mintLink()),
    list: async (identity: string): Promise<AccessList> => (await app.inject({ url: '/api/v1/access', headers: as(identity) })).json(),
    remove: (identity: string, path: string) => app.inject({ method: 'DELETE', url: `/api/v1/access/${path}`, headers: as(identity) }),
    open: (url: string, headers: object = {}) =>
      app.inject({ url: url.replace('https://guardian.example', ''), headers: { ...PAGE, ...headers } }),
    whoIs: async (cookie: string) => (await app.inject({ url: '/session', headers: { host: 'localhost', cookie } })).json(),
  };
}

const cookieOf = (header: unknown): string => String(header).split(';')[0] ?? '';
const audit = async (): Promise<AuditRow[]> => (await listAudit(database)).items.toReversed();

test('a person gets a link of her own, which opens one session that acts as her, once', async () => {
  const server = await serve();
  const made = await server.make('telegram:777');
  assert.equal(made.statusCode, 201, made.body);
  const link: NewAccessLink = made.json();
  assert.match(link.url, /^https:\/\/guardian\.example\/\?token=p-[0-9a-f]{24}\./);
  const opened = await server.open(link.url);
  assert.deepEqual([opened.statusCode, opened.headers['location']], [303, '/']);
  const cookie = cookieOf(opened.headers['set-cookie']);
  assert.deepEqual((await server.whoIs(cookie)).actor, { id: 'ana', name: 'Ana', role: 'operator' });
  assert.equal((await server.open(link.url)).headers['location'], '/?link=expired');
  const rows = await audit();
  assert.deepEqual(
    rows.map(({ verb, actor, channel, result }) => [verb, actor.id, channel, result]),
    [
      ['link.make', 'ana', 'telegram', 'done'],
      ['session.open', 'ana', 'console', 'done'],
    ],
  );
  const kept = JSON.stringify([rows, await database.query('select * from access_link'), await database.query('select * from act')]);
  assert.ok(!kept.includes(link.url.split('token=')[1] ?? ''), 'no secret of a link is stored');
  const { links, sessions } = await server.list('telegram:777');
  assert.deepEqual(
    [links[0]?.used_at !== null, sessions[0]?.actor, sessions[0]?.actor_name, sessions[0]?.link],
    [true, 'ana', 'Ana', link.id],
  );
});

test('the id of a link never looks like a card number, which the audit would mask', () => {
  const drawn = ['b600191042219155a09d36dc', '3268066187873a8b060cc036', '5f0c8e3b9a7d41e2c6b80f17', ''];
  assert.equal(
    newLinkId(() => drawn.shift() ?? ''),
    '5f0c8e3b9a7d41e2c6b80f17',
  );
  assert.deepEqual(drawn, ['']);
});

test('the same message twice makes one link', async () => {
  const server = await serve();
  const [one, two] = [await server.make('telegram:777', {}, 'c1/9'), await server.make('telegram:777', {}, 'c1/9')];
  assert.equal(two.json<NewAccessLink>().url, one.json<NewAccessLink>().url);
});

test('what a chat shows of a link does not use it up, and twice at once opens once', async () => {
  const server = await serve();
  const { url }: NewAccessLink = (await server.make('telegram:777')).json();
  for (const agent of [
    'TelegramBot (like TwitterBot)',
    'WhatsApp/2.23.20.0',
    'Slackbot-LinkExpanding 1.0',
    'Mozilla/5.0 (compatible; Discordbot/2.0)',
  ])
    assert.equal((await server.open(url, { 'user-agent': agent })).headers['set-cookie'], undefined, agent);
  const opened = await Promise.all([server.open(url), server.open(url)]);
  assert.equal(opened.filter(({ headers }) => headers['set-cookie'] !== undefined).length, 1);
});

test('a link for somebody else needs an admin, nobody gets one for nobody, and an old or foreign one opens nothing', async () => {
  const server = await serve();
  const refused = await server.make('telegram:777', { person: 'bruno' });
  assert.deepEqual([refused.statusCode, refused.json<Problem>().code], [403, 'AUTH_ROLE']);
  const link: NewAccessLink = (await server.make('slack:U0123ABC', { person: 'ana' })).json();
  assert.equal((await server.make('slack:U0123ABC', { person: 'zoe' })).statusCode, 404);
  assert.equal((await server.open(`${link.url}x`)).headers['set-cookie'], undefined);
  server.clock.at += PERSONAL_LINK_MS + 1;
  assert.equal((await server.open(link.url)).headers['set-cookie'], undefined);
});

test('a link can be revoked and a session ended, by its person or an admin, once', async () => {
  const server = await serve();
  const mine: NewAccessLink = (await server.make('telegram:777')).json();
  assert.equal((await server.remove('telegram:777', `links/${mine.id}`)).statusCode, 204);
  assert.equal((await server.remove('telegram:777', `links/${mine.id}`)).statusCode, 404);
  assert.equal((await server.open(mine.url)).headers['set-cookie'], undefined);
  const cookie = cookieOf((await server.open((await server.make('slack:U0123ABC')).json<NewAccessLink>().url)).headers['set-cookie']);
  const [session] = (await server.list('slack:U0123ABC')).sessions;
  assert.deepEqual((await server.list('telegram:777')).sessions, [], 'those of others are for an admin');
  const id = session?.id ?? '';
  assert.equal((await server.remove('telegram:777', `sessions/${id}`)).json<Problem>().code, 'AUTH_ROLE');
  assert.equal((await server.whoIs(cookie)).authenticated, true);
  assert.equal((await server.remove('slack:U0123ABC', `sessions/${id}`)).statusCode, 204);
  assert.equal((await server.whoIs(cookie)).authenticated, false);
});

test('a session of somebody who is configured no more is none', async () => {
  const before = await serve();
  const { url }: NewAccessLink = (await before.make('telegram:777')).json();
  const cookie = cookieOf((await before.open(url)).headers['set-cookie']);
  const now = await serve([PEOPLE[1] as Person]);
  assert.equal((await now.whoIs(cookie)).authenticated, false);
  assert.equal(
    (await now.app.inject({ url: '/api/v1/access', headers: { ...PAGE, origin: 'http://localhost', accept: '*/*', cookie } })).statusCode,
    401,
  );
});

test('a code of a signed-in screen opens one session that acts as its person, once, however it is typed', async () => {
  const server = await serve();
  const made = await server.code('telegram:777');
  assert.equal(made.statusCode, 201, made.body);
  const { code, id }: NewAccessCode = made.json();
  assert.match(code, /^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/);
  const opened = await server.type(` ${code.toLowerCase().replace('-', ' ')} `);
  assert.equal(opened.statusCode, 204, opened.body);
  assert.deepEqual((await server.whoIs(cookieOf(opened.headers['set-cookie']))).actor, { id: 'ana', name: 'Ana', role: 'operator' });
  const again = await server.type(code);
  assert.deepEqual([again.statusCode, again.json<Problem>().code], [401, 'AUTH_REQUIRED']);
  const rows = await audit();
  assert.deepEqual(
    rows.map(({ verb, actor, result }) => [verb, actor.id, result]),
    [
      ['code.make', 'ana', 'done'],
      ['session.open', 'ana', 'done'],
      ['code.refuse', 'unknown', 'forbidden'],
    ],
  );
  const kept = JSON.stringify([rows, await database.query('select * from access_link'), await database.query('select * from act')]);
  assert.ok(!kept.includes(code) && !kept.includes(code.replace('-', '')), 'no code is stored');
  const { links, sessions } = await server.list('telegram:777');
  assert.deepEqual([links[0]?.kind, links[0]?.used_at !== null, sessions[0]?.link], ['code', true, id]);
});

test('a code that is out of date, revoked, or of somebody who is configured no more opens nothing', async () => {
  const server = await serve();
  const old: NewAccessCode = (await server.code('telegram:777')).json();
  server.clock.at += PAIRING_CODE_MS + 1;
  assert.equal((await server.type(old.code)).statusCode, 401);
  const revoked: NewAccessCode = (await server.code('telegram:777')).json();
  assert.equal((await server.remove('telegram:777', `links/${revoked.id}`)).statusCode, 204);
  assert.equal((await server.type(revoked.code)).statusCode, 401);
  const [code, link]: [NewAccessCode, NewAccessLink] = [
    (await server.code('telegram:777')).json(),
    (await server.make('telegram:777')).json(),
  ];
  const without = await serve([PEOPLE[1] as Person]);
  assert.equal((await without.type(code.code)).statusCode, 401);
  assert.equal((await without.open(link.url)).headers['set-cookie'], undefined);
  assert.equal((await server.type(code.code)).statusCode, 204, 'the code itself was good');
});

test('a code for somebody else needs an admin', async () => {
  const server = await serve();
  assert.equal((await server.code('telegram:777', { person: 'bruno' })).json<Problem>().code, 'AUTH_ROLE');
  assert.equal((await server.code('telegram:777', { person: 'session:1f2e3d4c5b6a' })).json<Problem>().code, 'AUTH_ROLE');
  assert.equal((await server.code('slack:U0123ABC', { person: 'ana' })).statusCode, 201);
  assert.equal((await server.code('slack:U0123ABC', { person: 'zoe' })).statusCode, 404);
});

test('guesses of an address are refused after ten wrong ones, a right code included, and only those of that address', async () => {
  const server = await serve();
  const { code }: NewAccessCode = (await server.code('telegram:777')).json();
  const guessed = await Promise.all(Array.from({ length: 15 }, () => server.type('2222-2222')));
  assert.deepEqual(
    [401, 429].map((status) => guessed.filter(({ statusCode }) => statusCode === status).length),
    [10, 5],
  );
  const refused = await server.type(code);
  assert.deepEqual([refused.statusCode, refused.json<Problem>().code, refused.headers['retry-after']], [429, 'AUTH_GUESSES', '600']);
  assert.equal((await audit()).filter(({ verb }) => verb === 'code.refuse').length, 10);
  assert.equal((await server.type(code, '192.0.2.7')).statusCode, 204);
  server.clock.at += 10 * 60_000 + 1;
  const next: NewAccessCode = (await server.code('telegram:777')).json();
  assert.equal((await server.type(next.code)).statusCode, 204);
});

test('a code that two devices send at once opens one session', async () => {
  const server = await serve();
  const { code }: NewAccessCode = (await server.code('telegram:777')).json();
  const sent = await Promise.all(Array.from({ length: 5 }, (_, at) => server.type(code, `192.0.2.${at}`)));
  assert.equal(sent.filter(({ statusCode }) => statusCode === 204).length, 1);
  assert.equal((await server.list('telegram:777')).sessions.length, 1);
});

test('right codes are no guesses', async () => {
  const server = await serve();
  for (let count = 0; count < 12; count++)
    assert.equal((await server.type((await server.code('telegram:777')).json<NewAccessCode>().code)).statusCode, 204);
});

test('without people in the configuration, a session pairs another one like itself, until it is ended', async () => {
  const server = await serve([]);
  const browser = { host: 'localhost', origin: 'http://localhost', cookie: `guardian_session=${await server.exchange()}` };
  const ask = async (): Promise<NewAccessCode> =>
    (await server.app.inject({ method: 'POST', url: '/api/v1/access/codes', headers: browser, payload: {} })).json();
  const [first, second] = [await ask(), await ask()];
  const opened = await server.type(first.code);
  assert.match((await server.whoIs(cookieOf(opened.headers['set-cookie']))).actor.id, /^session:[0-9a-f]{12}$/);
  assert.match(first.person, /^session:[0-9a-f]{12}$/);
  await database.query('insert into access_session (id, actor, opened_at, expires_at, ended_at) values ($1, $2, 0, $3, 1)', [
    second.person.slice('session:'.length),
    second.person,
    NOW * 2,
  ]);
  assert.equal((await server.type(second.code)).statusCode, 401, 'a session that was ended lends its rights to nobody');
});

test('a link leads to a page of this console, and to none of another', async () => {
  const server = await serve();
  const { url }: NewAccessLink = (await server.make('telegram:777', { path: '/anomalies/an_1' })).json();
  assert.match(url, /^https:\/\/guardian\.example\/anomalies\/an_1\?token=p-/);
  for (const path of ['//evil.example', '/\\evil.example', 'evil.example', '.evil.example/', '/x?token=y', '/x#y', '/a b', ''])
    assert.equal((await server.make('telegram:777', { path })).statusCode, 422, path);
});

test('a new service token is in force at once, and the old one is none', async () => {
  const server = await serve();
  const rotate = (token: string) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/access/token/rotate',
      headers: { host: 'localhost', authorization: `Bearer ${token}` },
    });
  assert.equal((await rotate(TEST_TOKEN)).statusCode, 204);
  assert.equal((await rotate(TEST_TOKEN)).statusCode, 401);
  assert.equal((await rotate('gst_the-next-token-of-the-server')).statusCode, 204);
});
