import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Scope } from '@transaction-guardian/contracts/actor.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { AuditPage, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { createTestDetector, windowOf } from '../../detect/engine/test-detector.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { verifyAudit } from '../../store/verbs/audit/list-audit.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { createAct } from '../../auth/act.ts';
import { createFeedbackService } from '../../verdict/feedback-service.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer, NOW, type TestServer } from '../server-under-test.ts';
import { registerAuditRoute } from './audit.ts';
import { registerFeedbackRoutes } from './feedback.ts';

const VISA = '4111 1111 1111 1111';
const LOCAL = { host: 'localhost' };
let database: Database;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec(
    'alter table audit disable trigger all; truncate anomaly, feedback, outbox, audit; alter table audit enable trigger all',
  );
  const [event] = createTestDetector({}, null).step(windowOf(0, 0)).events;
  assert.ok(event);
  const anomaly: Anomaly = { ...event.anomaly, id: 'an_1' };
  await writeAnomalies(database, [{ ...event, anomaly }]);
});

async function serve(localScopes?: readonly Scope[]): Promise<TestServer> {
  const clock = { now: () => NOW, monotonic: () => NOW };
  const language = createRequestLanguage('en');
  return createTestServer({
    server: localScopes === undefined ? {} : { localScopes },
    deps: {
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
  (await app.inject({ url: `/api/v1/audit${query}`, headers: LOCAL })).json();
const counts = async (): Promise<number[]> => {
  const [row] = await database.query<{ f: number; o: number; a: number }>(
    'select (select count(*)::int from feedback) as f, (select count(*)::int from outbox) as o, (select count(*)::int from audit) as a',
  );
  return [row?.f ?? -1, row?.o ?? -1, row?.a ?? -1];
};

test('every act leaves a row: who, from where, what, with which result, before and after', async () => {
  const server = await serve();
  const cookie = `guardian_session=${server.sessions.exchange(server.sessions.mintLink())}`;
  await server.app.inject({ ...GIVE, headers: { host: 'localhost', origin: 'http://localhost', cookie } });
  await server.app.inject({ ...GIVE, headers: { ...LOCAL, 'guardian-claimed-name': 'Jos%C3%A9' } });
  await server.app.inject({ ...GIVE, headers: LOCAL });
  await server.app.inject({ ...WITHDRAW, headers: LOCAL });
  await server.app.inject({ ...WITHDRAW, headers: LOCAL });
  await server.app.inject({ ...RESET, headers: LOCAL });
  const rows = (await audit(server)).items.toReversed();
  assert.deepEqual(
    rows.map(({ number, actor, channel, verb, result }) => [number, actor.kind, channel, verb, result]),
    [
      [1, 'person', 'console', 'feedback.give', 'done'],
      [2, 'local', 'local', 'feedback.give', 'done'],
      [3, 'local', 'local', 'feedback.give', 'unchanged'],
      [4, 'local', 'local', 'feedback.withdraw', 'done'],
      [5, 'local', 'local', 'feedback.withdraw', 'not_found'],
      [6, 'local', 'local', 'feedback.reset', 'done'],
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

test('an actor that may only read is refused at every verb, by code, and leaves nothing', async () => {
  const { app } = await serve(['read']);
  for (const [verb, scope] of [
    [GIVE, 'write'],
    [WITHDRAW, 'write'],
    [RESET, 'admin'],
    [{ method: 'POST', url: '/api/v1/transaction', payload: {} } as const, 'write'],
    [{ method: 'GET', url: '/api/v1/audit' } as const, 'admin'],
    [{ method: 'DELETE', url: '/anomalies/an_1/feedback' } as const, 'write'],
  ] as const) {
    const response = await app.inject({ ...verb, headers: LOCAL });
    const problem: Problem = response.json();
    assert.deepEqual([response.statusCode, problem.code], [403, 'AUTH_SCOPE'], `${verb.method} ${verb.url}`);
    assert.match(problem.detail, new RegExp(scope));
  }
  assert.equal((await app.inject({ url: '/api/v1/feedback', headers: LOCAL })).statusCode, 200);
  assert.deepEqual(await counts(), [0, 0, 0]);
});

test('a verdict that may be written is no right to undo those of others', async () => {
  const { app } = await serve(['read', 'write']);
  assert.equal((await app.inject({ ...GIVE, headers: LOCAL })).statusCode, 200);
  assert.equal((await app.inject({ ...RESET, headers: LOCAL })).json<Problem>().code, 'AUTH_SCOPE');
});

test('an act whose row cannot be written does not happen, and the other way round', async (t) => {
  const { app } = await serve();
  for (const table of ['audit', 'outbox', 'feedback']) {
    await database.exec(`
      create or replace function fail_here() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger fail_here before insert or update on ${table} for each row execute function fail_here()`);
    t.after(() => database.exec(`drop trigger if exists fail_here on ${table}`));
    const response = await app.inject({ ...GIVE, headers: LOCAL });
    assert.ok(response.statusCode >= 500, `${table}: ${response.statusCode}`);
    assert.deepEqual(await counts(), [0, 0, 0], table);
    await database.exec(`drop trigger fail_here on ${table}`);
  }
  await app.inject({ ...GIVE, headers: LOCAL });
  assert.deepEqual(await counts(), [1, 1, 1]);
});

test('writers at the same time make one chain', async () => {
  const { app } = await serve();
  const acts = Array.from({ length: 20 }, (_, index) => {
    const act = index % 3 === 2 ? WITHDRAW : { ...GIVE, payload: { verdict: index % 2 === 0 ? 'noise' : 'useful' } };
    return app.inject({ ...act, headers: LOCAL });
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
    headers: { ...LOCAL, 'guardian-claimed-name': encodeURIComponent(VISA) },
  });
  await server.app.inject({ ...GIVE, url: `/api/v1/anomalies/${encodeURIComponent(VISA)}/feedback`, headers: LOCAL });
  const kept = JSON.stringify(await database.query('select * from audit'));
  assert.equal((await audit(server)).items.length, 2);
  for (const secret of ['4111 1111', '41111111', 'abcdef123456', 's3cr3t']) assert.ok(!kept.includes(secret), kept);
});

test('the list goes on by cursor and takes an actor and a verb', async () => {
  const server = await serve();
  for (const act of [GIVE, WITHDRAW, GIVE]) await server.app.inject({ ...act, headers: LOCAL });
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
    assert.equal((await server.app.inject({ url: `/api/v1/audit${query}`, headers: LOCAL })).statusCode, 400, query);
});
