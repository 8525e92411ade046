import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Feedback, FeedbackNotice, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { FastifyInstance } from 'fastify';
import { createAct } from '../../auth/act.ts';
import { createFeedbackService } from '../../verdict/feedback-service.ts';
import { createTestDetector, TEST_START, windowOf } from '../../detect/engine/test-detector.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { readFeedbackNotices } from '../../store/verbs/feedback/list-feedback.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { writeMinutes } from '../../store/verbs/minute/write-minutes.ts';
import type { Sessions } from '../auth.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer, NOW } from '../server-under-test.ts';
import { registerFeedbackRoutes } from './feedback.ts';

const VISA = '4111 1111 1111 1111';
let database: Database;
let app: FastifyInstance;
let anomaly: Anomaly;
let sessions: Sessions;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec('truncate minute, anomaly, feedback, outbox');
  const [event] = createTestDetector({}, null).step(windowOf(0, 0)).events;
  assert.ok(event);
  anomaly = {
    ...event.anomaly,
    id: 'an_1',
    type: 'denials_above_normal',
    node: { kind: 'merchant_status', merchant_id: 'm-1', status: 'denied' },
  };
  await writeAnomalies(database, [{ ...event, anomaly }]);
  await writeMinutes(database, [
    { minute: TEST_START, state: 'zero', total: 0, revision: 0, late: 0, backfill: false, alive: true, observed: false, closed_at: 1 },
  ]);
  const clock = { now: () => NOW, monotonic: () => NOW };
  const nameOf = (id: string): string => (id === 'local' ? 'Ana Souza' : id);
  const deps = {
    feedback: createFeedbackService({ database, clock, act: createAct({ database, clock }), nameOf }),
    language: createRequestLanguage('en'),
  };
  ({ app, sessions } = await createTestServer({ deps: { routes: [(one) => registerFeedbackRoutes(one, deps)] } }));
});

/** Headers of a browser with a session, or of the command line. */
const headersOf = (cookie?: string) => (cookie === undefined ? CLI_HEADERS : { host: 'localhost', origin: 'http://localhost', cookie });
const give = (body: unknown, id = 'an_1', cookie?: string) =>
  app.inject({ method: 'POST', url: `/anomalies/${id}/feedback`, headers: headersOf(cookie), payload: body as object });
const withdraw = (query = '', id = 'an_1', cookie?: string) =>
  app.inject({ method: 'DELETE', url: `/anomalies/${id}/feedback${query}`, headers: headersOf(cookie) });
/** Opens a session: its cookie, and the id of its actor. */
const logIn = async (): Promise<{ cookie: string; id: string }> => {
  const cookie = `guardian_session=${await sessions.exchange(sessions.mintLink())}`;
  const page: FeedbackPage = (await app.inject({ url: '/feedback', headers: headersOf(cookie) })).json();
  return { cookie, id: page.actor };
};
const list = async (query = ''): Promise<FeedbackPage> =>
  (await app.inject({ method: 'GET', url: `/feedback${query}`, headers: { host: 'localhost' } })).json();
const reset = (body: object) => app.inject({ method: 'POST', url: '/feedback/reset', headers: CLI_HEADERS, payload: body });
const sent = async (): Promise<FeedbackNotice[]> =>
  (await database.query<{ value: string }>('select value from outbox order by id')).map(({ value }) => JSON.parse(value) as FeedbackNotice);

test('a verdict is stored with who and when, and leaves for the detector with the anomaly that it judges', async () => {
  const response = await give({ verdict: 'noise', comment: 'nightly batch' });
  assert.equal(response.statusCode, 200, response.body);
  const feedback: Feedback = response.json();
  assert.equal(feedback.node, 'merchant_status:m-1:denied');
  assert.equal(feedback.by_name, 'Ana Souza', 'the configured name');
  assert.deepEqual([feedback.by, feedback.comment, feedback.in_force], ['local', 'nightly batch', true]);
  assert.equal(feedback.minute, new Date(TEST_START).toISOString());
  const [notice] = await sent();
  assert.equal(notice?.number, feedback.number);
  assert.equal(notice?.given?.anomaly.z_score, anomaly.peak.z_score);
  const page = await list();
  assert.deepEqual(page.items, [feedback]);
  assert.deepEqual(page.effects, [
    { node: 'merchant:m-1', family: 'denial', noise: 1, useful: 0, threshold_shift_nats: Number(Math.LN2.toFixed(3)) },
  ]);
  assert.equal(page.useful_share, 0);
});

test('the same verdict again changes nothing; another one of the same actor replaces it, of another actor counts too', async () => {
  const first: Feedback = (await give({ verdict: 'noise' })).json();
  assert.deepEqual((await give({ verdict: 'noise' })).json(), first);
  assert.equal((await sent()).length, 1);
  const second: Feedback = (await give({ verdict: 'useful' })).json();
  assert.deepEqual((await sent())[1]?.ends, [first.number]);
  const bia = await logIn();
  await give({ verdict: 'noise' }, 'an_1', bia.cookie);
  const { items, useful_share } = await list('?in_force=true');
  assert.deepEqual(
    items.map(({ by, by_name, verdict }) => [by, by_name, verdict]),
    [
      [bia.id, bia.id, 'noise'],
      ['local', 'Ana Souza', 'useful'],
    ],
  );
  assert.equal(useful_share, 0.5);
  const [old] = (await list('?in_force=false')).items;
  assert.equal(old?.number, first.number);
  assert.deepEqual([old?.ended?.how, old?.ended?.by], ['replaced', 'local']);
  assert.ok(second.number > first.number);
});

test('a verdict can be taken back, once', async () => {
  await give({ verdict: 'noise' });
  const bia = await logIn();
  assert.equal((await withdraw('', 'an_1', bia.cookie)).statusCode, 404, 'that of another actor stays');
  assert.equal((await withdraw()).statusCode, 204);
  assert.equal((await withdraw()).statusCode, 404);
  const page = await list();
  assert.deepEqual(page.effects, []);
  assert.equal(page.items[0]?.ended?.how, 'withdrawn');
});

test('a node that is not written as one is refused, not taken for one without verdicts', async () => {
  assert.equal((await app.inject({ url: '/feedback?node=m-1', headers: { host: 'localhost' } })).statusCode, 400);
  const response = await reset({ node: 'm-1' });
  assert.equal(response.statusCode, 422);
  assert.deepEqual(
    response.json<Problem>().errors?.map(({ field, rule }) => [field, rule]),
    [['node', 'node']],
  );
});

test('a reset without a body, with nothing or with two things to undo is refused and undoes nothing', async () => {
  await give({ verdict: 'noise' });
  const empty = await app.inject({ method: 'POST', url: '/feedback/reset', headers: CLI_HEADERS });
  for (const response of [empty, await reset({}), await reset({ all: true, node: 'fleet' }), await reset({ all: false })])
    assert.equal(response.statusCode, 422, response.body);
  assert.equal(empty.json<Problem>().errors?.[0]?.rule, 'node_or_all');
  assert.equal((await list()).items[0]?.in_force, true);
});

test('a reset undoes all, or one node by any of its names', async () => {
  await give({ verdict: 'noise' });
  await give({ verdict: 'noise' }, 'an_1', (await logIn()).cookie);
  assert.deepEqual((await reset({ node: 'merchant:m-2' })).json(), { undone: 0 });
  assert.deepEqual((await reset({ node: 'merchant:m-1' })).json(), { undone: 2 });
  assert.deepEqual((await reset({ all: true })).json(), { undone: 0 });
  assert.deepEqual(
    (await list()).items.map(({ ended }) => [ended?.how, ended?.by]),
    [
      ['reset', 'local'],
      ['reset', 'local'],
    ],
  );
  await give({ verdict: 'noise' });
  assert.deepEqual((await reset({ node: 'merchant_status:m-1:denied' })).json(), { undone: 1 });
});

test('every verdict can be replayed, in order, to a detector that rebuilds its state', async () => {
  await give({ verdict: 'noise' });
  await give({ verdict: 'useful' });
  await give({ verdict: 'noise' }, 'an_1', (await logIn()).cookie);
  await reset({ all: true });
  assert.deepEqual(await readFeedbackNotices(database), await sent());
});

test('a level is accepted only where there is an open one', async () => {
  assert.equal((await give({ verdict: 'accept_level' })).statusCode, 200);
  const over: Anomaly = { ...anomaly, id: 'an_over', status: 'resolved', resolved_at: anomaly.updated_at };
  const gone: Anomaly = { ...anomaly, id: 'an_gone', type: 'no_data', node: { kind: 'fleet' } };
  await writeAnomalies(
    database,
    [over, gone].map((one) => ({ v: 1, event: 'updated', sequence: 1, anomaly: one })),
  );
  for (const [id, rule] of [
    ['an_over', 'not_open'],
    ['an_gone', 'absence'],
  ]) {
    const response = await give({ verdict: 'accept_level' }, id);
    const problem: Problem = response.json();
    assert.deepEqual(
      [response.statusCode, problem.code, problem.errors?.[0]?.field, problem.errors?.[0]?.rule],
      [409, 'FEEDBACK_CONFLICT', 'verdict', rule],
    );
  }
});

test('no verdict is taken on what the program says of itself', async () => {
  const own: Anomaly = { ...anomaly, id: 'an_own', type: 'detector_behind', node: { kind: 'fleet' } };
  await writeAnomalies(database, [{ v: 1, event: 'opened', sequence: 1, anomaly: own }]);
  for (const verdict of ['useful', 'noise', 'accept_level'] as const) {
    const response = await give({ verdict }, 'an_own');
    assert.deepEqual([response.statusCode, response.json<Problem>().errors?.[0]?.rule], [409, 'self']);
  }
});

test('what is wrong is named by field and rule, and a card number is never stored', async () => {
  const unknown = await give({ verdict: 'noise' }, 'an_unknown');
  assert.equal(unknown.statusCode, 404);
  assert.match(unknown.json<{ detail: string }>().detail, /an_unknown/);
  const cases: readonly (readonly [unknown, number, string, string])[] = [
    [{}, 422, 'verdict', 'required'],
    [{ verdict: 'maybe' }, 422, 'verdict', 'enum'],
    [{ verdict: 'noise', comment: 'x'.repeat(501) }, 422, 'comment', 'too_long'],
    [{ verdict: 'noise', comment: `card ${VISA}` }, 422, 'comment', 'card_number'],
    [{ verdict: 'noise', by: VISA }, 422, 'by', 'author_is_actor'],
    [{ verdict: 'noise', by: 'ana' }, 422, 'by', 'author_is_actor'],
    [{ verdict: 'noise', extra: 1 }, 422, 'extra', 'unknown_field'],
    [[], 422, '(body)', 'type'],
  ];
  for (const [body, status, field, rule] of cases) {
    const response = await give(body);
    const problem: Problem = response.json();
    assert.deepEqual([response.statusCode, problem.errors?.[0]?.field, problem.errors?.[0]?.rule], [status, field, rule], response.body);
    assert.ok(!response.body.includes('4111'));
  }
  assert.equal((await app.inject({ url: '/feedback?limit=0', headers: { host: 'localhost' } })).statusCode, 400);
  assert.equal((await app.inject({ url: '/feedback?cursor=x', headers: { host: 'localhost' } })).statusCode, 400);
  assert.deepEqual((await list()).items, []);
});

test('a character that no stored text has is refused in a path and a query', async () => {
  for (const response of [
    await give({ verdict: 'noise' }, '%00'),
    await withdraw('', '%00'),
    await app.inject({ method: 'GET', url: '/feedback?node=%00', headers: { host: 'localhost' } }),
  ]) {
    assert.equal(response.statusCode, 400, response.body);
    assert.deepEqual(
      response.json<Problem>().errors?.map(({ rule }) => rule),
      ['control_character'],
    );
  }
});

test('a page of another origin, and a browser without a session, may not judge', async () => {
  const headers = { host: 'localhost', origin: 'http://evil.example' };
  const foreign = await app.inject({ method: 'POST', url: '/anomalies/an_1/feedback', headers, payload: { verdict: 'noise' } });
  assert.equal(foreign.statusCode, 403);
  const browser = { host: 'localhost', origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
  assert.equal((await app.inject({ method: 'POST', url: '/feedback/reset', headers: browser, payload: {} })).statusCode, 401);
});

test('an author in the request is refused, wherever it stands, and the answer says who is the author now', async () => {
  await give({ verdict: 'noise' });
  for (const [response, status] of [
    [await give({ verdict: 'useful', by: 'ana' }), 422],
    [await reset({ all: true, by: 'ana' }), 422],
    [await withdraw('?by=ana'), 400],
  ] as const) {
    const [fault] = response.json<Problem>().errors ?? [];
    assert.deepEqual([response.statusCode, fault?.field, fault?.rule], [status, 'by', 'author_is_actor'], response.body);
    assert.match(fault?.message ?? '', /actor/);
  }
  assert.equal((await list()).items[0]?.in_force, true);
});
