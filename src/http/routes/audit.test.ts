import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { AuditCheck, AuditPage, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { createTestDetector, windowOf } from '../../detect/engine/test-detector.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { verifyAudit } from '../../store/verbs/audit/list-audit.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { createAct } from '../../auth/act.ts';
import { createDirectory } from '../../auth/directory.ts';
import { createUnknownSenders } from '../../auth/unknown-senders.ts';
import { createFeedbackService } from '../../verdict/feedback-service.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer, NOW, TEST_TOKEN, type TestServer } from '../server-under-test.ts';
import { registerAuditRoute } from './audit.ts';
import { registerFeedbackRoutes } from './feedback.ts';

const VISA = '4111 1111 1111 1111';
const CLI = CLI_HEADERS;
const EVA: Person = { id: 'eva', name: 'Eva', roles: ['viewer'], identities: ['cli', 'telegram:777'] };
let database: Database;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec(
    'alter table audit disable trigger all; truncate anomaly, feedback, outbox, audit, audit_head; alter table audit enable trigger all',
  );
  const [event] = createTestDetector({}, null).step(windowOf(0, 0)).events;
  assert.ok(event);
  const anomaly: Anomaly = { ...event.anomaly, id: 'an_1' };
  await writeAnomalies(database, [{ ...event, anomaly }]);
});

async function serve(people: readonly Person[] = []): Promise<TestServer> {
  const clock = { now: () => NOW, monotonic: () => NOW };
  const language = createRequestLanguage('en');
  return createTestServer({
    deps: {
      directory: createDirectory(people),
      unknown: createUnknownSenders({ database, clock }),
      routes: [
        (app) =>
          registerFeedbackRoutes(app, {
            feedback: createFeedbackService({ database, clock, act: createAct({ database, clock }) }),
            language,
          }),
        (app) => registerAuditRoute(app, { database, language }),
      ],
    },
  });
}

const GIVE = { method: 'POST', url: '/api/v1/anomalies/an_1/feedback', payload: { verdict: 'noise' } } as const;
const WITHDRAW = { method: 'DELETE', url: '/api/v1/anomalies/an_1/feedback' } as const;
const RESET = { method: 'POST', url: '/api/v1/feedback/reset', payload: { all: true } } as const;
const audit = async ({ app }: TestServer, query = ''): Promise<AuditPage> =>
  (await app.inject({ url: `/api/v1/audit${query}`, headers: { host: 'localhost' } })).json();
const counts = async (): Promise<number[]> => {
  const [row] = await database.query<{ f: number; o: number; a: number }>(
    'select (select count(*)::int from feedback) as f, (select count(*)::int from outbox) as o, (select count(*)::int from audit) as a',
  );
  return [row?.f ?? -1, row?.o ?? -1, row?.a ?? -1];
};

test('every act leaves a row: who, from where, what, with which result, before and after', async () => {
  const server = await serve();
  const cookie = `guardian_session=${await server.sessions.exchange(server.sessions.mintLink())}`;
  await server.app.inject({ ...GIVE, headers: { host: 'localhost', origin: 'http://localhost', cookie } });
  await server.app.inject({ ...GIVE, headers: { ...CLI, 'guardian-claimed-name': 'Jos%C3%A9' } });
  await server.app.inject({ ...GIVE, headers: CLI });
  await server.app.inject({ ...WITHDRAW, headers: CLI });
  await server.app.inject({ ...WITHDRAW, headers: CLI });
  await server.app.inject({ ...RESET, headers: CLI });
  const rows = (await audit(server)).items.toReversed();
  assert.deepEqual(
    rows.map(({ number, actor, channel, verb, result }) => [number, actor.kind, channel, verb, result]),
    [
      [1, 'person', 'console', 'feedback.give', 'done'],
      [2, 'local', 'cli', 'feedback.give', 'done'],
      [3, 'local', 'cli', 'feedback.give', 'unchanged'],
      [4, 'local', 'cli', 'feedback.withdraw', 'done'],
      [5, 'local', 'cli', 'feedback.withdraw', 'not_found'],
      [6, 'local', 'cli', 'feedback.reset', 'done'],
    ],
  );
  assert.match(rows[0]?.actor.id ?? '', /^session:[0-9a-f]{12}$/);
  assert.match(rows[0]?.actor.name ?? '', /^console session [0-9a-f]{12}$/);
  assert.deepEqual([rows[1]?.actor.id, rows[1]?.actor.claimed_name, rows[1]?.address], ['local', 'José', '127.0.0.1']);
  assert.deepEqual([rows[0]?.arguments, rows[0]?.before], [{ anomaly_id: 'an_1', verdict: 'noise' }, null]);
  assert.equal(rows[0]?.after?.['verdict'], 'noise');
  assert.equal(rows[5]?.before?.['in_force'], 1);
  assert.ok(!JSON.stringify(rows).includes(cookie.split('=')[1] ?? cookie));
  const { rows: checked, fault, head } = await verifyAudit(database);
  assert.deepEqual([checked, fault, head], [6, null, rows[5]?.hash]);
});

test('somebody who is configured to look only is refused at every verb, and each refusal is in the audit', async () => {
  const server = await serve([EVA]);
  for (const act of [GIVE, WITHDRAW, RESET]) {
    const response = await server.app.inject({ ...act, headers: CLI });
    const problem: Problem = response.json();
    assert.deepEqual([response.statusCode, problem.code], [403, 'AUTH_ROLE'], act.url);
    assert.match(problem.detail, act === RESET ? /needs the role admin .*\(feedback\.reset\)/ : /needs the role operator/);
  }
  const send = await server.app.inject({ method: 'POST', url: '/api/v1/transaction', payload: {}, headers: CLI });
  assert.deepEqual([send.statusCode, send.json<Problem>().code], [403, 'AUTH_SCOPE']);
  assert.equal((await server.app.inject({ url: '/api/v1/audit', headers: CLI })).json<Problem>().code, 'AUTH_SCOPE');
  assert.equal((await server.app.inject({ url: '/api/v1/feedback', headers: CLI })).statusCode, 200);
  assert.deepEqual(await counts(), [0, 0, 3]);
  const { items }: AuditPage = (await server.app.inject({ url: '/api/v1/audit', headers: { host: 'localhost' } })).json();
  assert.deepEqual(new Set(items.map(({ actor, channel, result }) => `${actor.id} ${channel} ${result}`)), new Set(['eva cli forbidden']));
});

test('a verdict that may be given is no right to undo those of others', async () => {
  const { app } = await serve([{ ...EVA, roles: ['operator'] }]);
  assert.equal((await app.inject({ ...GIVE, headers: CLI })).statusCode, 200);
  assert.equal((await app.inject({ ...RESET, headers: CLI })).json<Problem>().code, 'AUTH_ROLE');
});

test('on this machine, too, nobody acts without a session or the service token; everybody may look', async () => {
  const { app } = await serve();
  for (const act of [GIVE, WITHDRAW, RESET]) {
    const response = await app.inject({ ...act, headers: { host: 'localhost' } });
    assert.deepEqual([response.statusCode, response.json<Problem>().code], [401, 'AUTH_REQUIRED'], act.url);
    assert.match(response.json<Problem>().detail, /service-token/);
    const wrong = await app.inject({ ...act, headers: { host: 'localhost', authorization: 'Bearer gst_wrong' } });
    assert.deepEqual([wrong.statusCode, wrong.json<Problem>().code], [401, 'AUTH_REQUIRED']);
  }
  assert.equal((await app.inject({ url: '/api/v1/feedback', headers: { host: 'localhost' } })).statusCode, 200);
  assert.deepEqual(await counts(), [0, 0, 0]);
});

test('a gateway acts for the person whose identity it names, once for each message', async () => {
  const server = await serve([{ ...EVA, roles: ['operator'] }]);
  const gateway = { host: 'guardian.example', authorization: `Bearer ${TEST_TOKEN}`, 'guardian-identity': 'telegram:777' };
  const headers = { ...gateway, host: '10.0.0.9', 'idempotency-key': 'c1/9' };
  const [first, again] = [await server.app.inject({ ...GIVE, headers }), await server.app.inject({ ...GIVE, headers })];
  assert.deepEqual([first.statusCode, again.statusCode, again.json()], [200, 200, first.json()]);
  assert.equal(first.json<{ by: string }>().by, 'eva');
  const other = await server.app.inject({ ...GIVE, payload: { verdict: 'useful' }, headers });
  assert.deepEqual([other.statusCode, other.json<Problem>().code], [409, 'ACT_CONFLICT']);
  const { items } = await audit(server);
  assert.deepEqual(
    items.map(({ actor, channel, message_id }) => [actor.id, channel, message_id]),
    [['eva', 'telegram', 'c1/9']],
  );
  const long = await server.app.inject({ ...GIVE, headers: { ...headers, 'idempotency-key': 'x'.repeat(201) } });
  assert.deepEqual([long.statusCode, long.json<Problem>().errors?.[0]?.field], [400, 'Idempotency-Key']);
});

test('a sender that is nobody is refused everywhere, told once, and a flood of them leaves a few rows', async () => {
  const server = await serve([EVA]);
  const ask = (identity: string, url = '/api/v1/feedback') =>
    server.app.inject({ url, headers: { ...CLI, 'guardian-identity': identity } });
  const [first, second] = [await ask('telegram:999'), await ask('telegram:999', '/api/v1/anomalies')];
  assert.deepEqual(
    [first.statusCode, first.json<Problem>().code, first.json<{ tell_sender: boolean }>().tell_sender],
    [403, 'AUTH_UNKNOWN', true],
  );
  assert.equal(second.json<{ tell_sender: boolean }>().tell_sender, false);
  const told = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => (await ask(`telegram:1${n}`)).json<{ tell_sender: boolean }>().tell_sender),
  );
  assert.equal(told.filter(Boolean).length, 19);
  const { items }: AuditPage = (await server.app.inject({ url: '/api/v1/audit', headers: { host: 'localhost' } })).json();
  assert.equal(items.length, 20);
  assert.deepEqual(
    [items[19]?.verb, items[19]?.actor.id, items[19]?.arguments],
    ['sender.refuse', 'unknown', { identity: 'telegram:999', not_recorded: 0 }],
  );
  assert.equal(
    items.reduce((sum, item) => sum + Number(item.arguments['not_recorded']), 0),
    1,
  );
});

test('an act whose row cannot be written does not happen, and the other way round', async (t) => {
  const { app } = await serve();
  for (const table of ['audit', 'outbox', 'feedback']) {
    await database.exec(`
      create or replace function fail_here() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger fail_here before insert or update on ${table} for each row execute function fail_here()`);
    t.after(() => database.exec(`drop trigger if exists fail_here on ${table}`));
    const response = await app.inject({ ...GIVE, headers: CLI });
    assert.ok(response.statusCode >= 500, `${table}: ${response.statusCode}`);
    assert.deepEqual(await counts(), [0, 0, 0], table);
    await database.exec(`drop trigger fail_here on ${table}`);
  }
  await app.inject({ ...GIVE, headers: CLI });
  assert.deepEqual(await counts(), [1, 1, 1]);
});

test('writers at the same time make one chain', async () => {
  const { app } = await serve();
  const acts = Array.from({ length: 20 }, (_, index) => {
    const act = index % 3 === 2 ? WITHDRAW : { ...GIVE, payload: { verdict: index % 2 === 0 ? 'noise' : 'useful' } };
    return app.inject({ ...act, headers: CLI });
  });
  await Promise.all(acts);
  const { rows, fault } = await verifyAudit(database);
  assert.deepEqual([rows, fault], [20, null]);
});

test('no card number and no secret is in a row', async () => {
  const server = await serve();
  const comment = 'see Bearer abcdef123456 and ?token=s3cr3t-s3cr3t';
  await server.app.inject({
    ...GIVE,
    payload: { verdict: 'noise', comment },
    headers: { ...CLI, 'guardian-claimed-name': encodeURIComponent(VISA) },
  });
  await server.app.inject({ ...GIVE, url: `/api/v1/anomalies/${encodeURIComponent(VISA)}/feedback`, headers: CLI });
  const kept = JSON.stringify(await database.query('select * from audit'));
  assert.equal((await audit(server)).items.length, 2);
  for (const secret of ['4111 1111', '41111111', 'abcdef123456', 's3cr3t']) assert.ok(!kept.includes(secret), kept);
});

test('the list goes on by cursor and takes an actor and a verb', async () => {
  const server = await serve();
  for (const act of [GIVE, WITHDRAW, GIVE]) await server.app.inject({ ...act, headers: CLI });
  const seen: AuditRow[] = [];
  let page = await audit(server, '?limit=1');
  for (; ; page = await audit(server, `?limit=1&cursor=${page.next_cursor}`)) {
    seen.push(...page.items);
    if (page.next_cursor === null) break;
  }
  assert.deepEqual(
    seen.map(({ number }) => number),
    [3, 2, 1],
  );
  assert.deepEqual(
    (await audit(server, '?verb=feedback.withdraw&actor=local')).items.map(({ number }) => number),
    [2],
  );
  assert.deepEqual((await audit(server, '?actor=session:1')).items, []);
  for (const query of ['?cursor=x', '?limit=0', '?verb=x', '?by=ana'])
    assert.equal((await server.app.inject({ url: `/api/v1/audit${query}`, headers: CLI })).statusCode, 400, query);
});

test('the rows of a time are listed, and the check of the chain names the first bad row', async () => {
  const server = await serve();
  await server.app.inject({ ...GIVE, headers: CLI });
  const now = new Date((await audit(server)).items[0]?.at ?? 0);
  const after = new Date(now.getTime() + 1).toISOString();
  assert.equal((await audit(server, `?from=${now.toISOString()}&to=${after}`)).items.length, 1);
  assert.equal((await audit(server, `?from=${after}`)).items.length, 0);
  const verify = async (): Promise<AuditCheck> =>
    (await server.app.inject({ url: '/api/v1/audit/verify', headers: { host: 'localhost' } })).json();
  assert.deepEqual([(await verify()).rows, (await verify()).fault], [1, null]);
  await database.exec(
    `alter table audit disable trigger all; update audit set hash = repeat('a', 64); alter table audit enable trigger all`,
  );
  assert.deepEqual((await verify()).fault, { number: 1, why: 'changed' });
});
