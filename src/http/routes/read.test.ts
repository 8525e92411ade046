import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Anomaly, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { AnomalyPage, AnomalyView, MerchantList, Series } from '@transaction-guardian/contracts/read.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createEmbeddedUnderTest, type EmbeddedUnderTest } from '../../bus/embedded/bus-under-test.ts';
import { createReadSide, type ReadSide } from '../../read/read-side.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { writeAlerts, type StoredAlert } from '../../store/verbs/alert/write-alerts.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { writeJudged } from '../../store/verbs/detector/write-judged.ts';
import { writeScores } from '../../store/verbs/detector/write-scores.ts';
import { createSessions, type Sessions } from '../auth.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer } from '../server-under-test.ts';
import { STREAM_LIMITS } from '../stream-places.ts';
import { registerAlertRoutes } from './alerts.ts';
import { registerAnomalyRoutes } from './anomalies.ts';
import { registerMerchantRoutes } from './merchants.ts';
import { registerSeriesRoutes } from './series.ts';
import { registerStatsRoutes } from './stats.ts';
import { registerStreamRoutes } from './stream.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-22T03:00:00Z');

let database: Database;
let under: EmbeddedUnderTest;
let app: FastifyInstance;
let readSide: ReadSide;
let nowMs: number;
let sessions: Sessions;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec('truncate minute, minute_count, minute_slice, minute_score, judged, anomaly, alert');
  under = createEmbeddedUnderTest('inline');
  nowMs = START + 10 * MINUTE_MS;
  const bus = await under.open({});
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const options = {
    timeZone: 'America/Sao_Paulo',
    locale: 'pt-BR',
    liveWithinS: 600,
    lateS: 90,
    behindAfterMinutes: 3,
    instance: 'test',
  } as const;
  readSide = createReadSide({ database, bus, clock, log: pino({ level: 'silent' }) }, options);
  sessions = createSessions(Buffer.alloc(32, 7), clock);
  const deps = { readSide, language: createRequestLanguage('pt-BR'), sessions, isStarting: () => false };
  const register = [
    registerStatsRoutes,
    registerSeriesRoutes,
    registerMerchantRoutes,
    registerAnomalyRoutes,
    registerAlertRoutes,
    registerStreamRoutes,
  ];
  ({ app } = await createTestServer({ deps: { sessions, routes: register.map((one) => (server) => one(server, deps)) } }));
});
afterEach(async () => {
  await app.close();
  await readSide.hub.stop();
  await under.release();
});

interface Counted {
  readonly merchant?: string;
  readonly status: string;
  readonly count: number;
  readonly code?: string;
}

/** Stores a closed minute. `closedAfterMs`: from its end to its close. */
async function store(
  index: number,
  counts: readonly Counted[],
  { state = 'observed', revision = 0, closedAfterMs = 90_000 } = {},
): Promise<void> {
  const minute = START + index * MINUTE_MS;
  const total = counts.reduce((sum, { status, count }) => sum + (status === '' ? 0 : count), 0);
  await database.query(
    `insert into minute (minute, state, total, revision, late, backfill, alive, observed, closed_at) values ($1, $2, $3, $4, 0, false, false, true, $5)
     on conflict (minute) do update set total = excluded.total, revision = excluded.revision`,
    [minute, state, total, revision, minute + MINUTE_MS + closedAfterMs],
  );
  for (const { merchant = '', status, count, code = '' } of counts) {
    await database.query(
      `insert into minute_count (minute, status, auth_code, merchant_id, acquirer, count, amount, late_count) values ($1, $2, $3, $4, '', $5, 0, 0)
       on conflict (minute, merchant_id, status, auth_code, acquirer) do update set count = excluded.count`,
      [minute, status, code, merchant, count],
    );
  }
  await database.query('delete from minute_slice where minute = $1', [minute]);
  await database.query(
    `insert into minute_slice select minute, status, auth_code, acquirer, sum(count), sum(amount) from minute_count where minute = $1
     group by minute, status, auth_code, acquirer`,
    [minute],
  );
}

function anomaly(id: string, startedIndex: number, fields: Partial<Anomaly> = {}): Anomaly {
  const at = new Date(START + startedIndex * MINUTE_MS).toISOString();
  return {
    id,
    type: 'denials_above_normal',
    status: 'open',
    severity: 'critical',
    node: { kind: 'status', status: 'denied' },
    slice: { status: 'denied', share: 1 },
    started_at: at,
    detected_at: at,
    updated_at: at,
    resolved_at: null,
    duration_minutes: 1,
    minute: at,
    observed: 32,
    expected: 6,
    expected_low: 2,
    expected_high: 13,
    z_score: 10.4,
    ml_score: 0.97,
    p_value: 1e-20,
    peak: { minute: at, observed: 32, expected: 6, expected_low: 0, expected_high: 12, z_score: 10.4, ml_score: 0.97, p_value: 1e-9 },
    lost_transactions: 0,
    reasons: [],
    detector_version: '1',
    model_version: '1',
    config_hash: '1',
    backfill: false,
    ...fields,
  };
}

async function keep(...anomalies: Anomaly[]): Promise<void> {
  await writeAnomalies(
    database,
    anomalies.map((one, sequence) => ({ v: 1, event: 'opened', sequence, anomaly: one })),
  );
}

async function read<Answer>(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await app.inject({ url, headers });
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

test('stats of a database without a minute are empty, not zero', async () => {
  const stats = await read<Stats>('/stats');
  assert.equal(stats.stream, 'empty');
  assert.equal(stats.approval_rate, null);
  assert.equal(stats.last_minute, null);
  assert.equal(stats.last_transaction_minute, null);
  assert.equal(stats.learning, false);
});

test('stats name the last minute with transactions, also where only empty minutes closed in the last hour', async () => {
  await store(0, [{ status: 'approved', count: 100 }]);
  for (const index of [1, 2]) await store(index, []);
  const stats = await read<Stats>('/stats');
  assert.equal(Date.parse(stats.last_minute ?? '') - Date.parse(stats.last_transaction_minute ?? ''), 2 * 60_000);
  await store(90, []);
  assert.equal((await read<Stats>('/stats')).last_transaction_minute, stats.last_transaction_minute);
});

test('stats count the closed minutes, leave breakdown rows out, and see a correction', async () => {
  for (const index of [0, 1, 2, 3, 4, 5, 6]) {
    await store(index, [
      { status: 'approved', count: 90 },
      { status: 'denied', count: 10 },
      { status: '', code: '51', count: 10 },
    ]);
  }
  await keep(anomaly('an_1', 5));
  const stats = await read<Stats>('/stats');
  assert.equal(stats.stream, 'live');
  assert.equal(stats.transactions_per_minute, 100);
  assert.equal(stats.approval_rate, 90);
  assert.equal(stats.transactions_last_hour, 700);
  assert.equal(stats.anomalies_last_hour, 1);
  assert.equal(stats.open_anomalies, 1);
  assert.equal(stats.learning, true, 'no score yet');
  await store(6, [{ status: 'approved', count: 190 }], { revision: 1 });
  assert.equal((await read<Stats>('/stats')).transactions_last_hour, 790);
});

test('stats say how far the detector is, and a backlog that waits is behind', async () => {
  for (let index = 0; index < 12; index += 1) await store(index, [{ status: 'approved', count: 90 }], { closedAfterMs: 1000 });
  nowMs = START + 12 * MINUTE_MS + 2000;
  await writeJudged(database, START + 11 * MINUTE_MS, nowMs);
  const whole = await read<Stats>('/stats');
  assert.deepEqual(
    [whole.judged, whole.judged_until, whole.minutes_behind, whole.lag_minutes],
    ['current', whole.stream_now?.replace(':02.', ':00.'), 0, 0],
  );
  await database.exec('truncate judged');
  await writeJudged(database, START + 2 * MINUTE_MS, nowMs);
  const late = await read<Stats>('/stats');
  assert.equal(late.judged, 'behind');
  assert.equal(late.judged_until, new Date(START + 3 * MINUTE_MS).toISOString());
  assert.deepEqual([late.minutes_behind, late.lag_minutes], [9, 9]);
});

test('what the program says of itself is open and fires, and is no incident of the traffic', async () => {
  await store(5, [{ status: 'approved', count: 90 }]);
  await keep(anomaly('an_own', 6, { type: 'detector_behind', severity: 'warning', node: { kind: 'fleet' } }));
  const stats = await read<Stats>('/stats');
  assert.deepEqual([stats.open_anomalies, stats.anomalies_last_hour, stats.last_incident_at], [1, 0, null]);
});

test('minutes that were never judged count as behind, all of them', async () => {
  for (let index = 0; index < 8; index += 1) await store(index, [{ status: 'approved', count: 90 }], { closedAfterMs: 1000 });
  const stats = await read<Stats>('/stats');
  assert.deepEqual([stats.judged, stats.judged_until, stats.lag_minutes], ['behind', null, 8]);
});

test('"last" of a replay is counted back from the time of the stream, not from the wall clock', async () => {
  nowMs = START + 400 * 24 * 60 * MINUTE_MS;
  const closedAfterMs = 300 * 24 * 60 * MINUTE_MS;
  await store(200, [{ status: 'approved', count: 1 }], { closedAfterMs });
  await keep(
    anomaly('an_old', 0, { status: 'resolved', resolved_at: new Date(START + 5 * MINUTE_MS).toISOString() }),
    anomaly('an_new', 190, { status: 'resolved', resolved_at: new Date(START + 195 * MINUTE_MS).toISOString() }),
  );
  const stats = await read<Stats>('/stats');
  assert.equal(stats.stream, 'replay');
  assert.equal(stats.stream_now, new Date(START + 201 * MINUTE_MS).toISOString());
  assert.equal(stats.anomalies_last_hour, 1);
  const page = await read<AnomalyPage>('/anomalies?last=1h');
  assert.deepEqual(
    page.items.map(({ id }) => id),
    ['an_new'],
  );
});

test('a warning ahead of the threshold is listed and is no active alert: nothing is broken yet', async () => {
  await writeAlerts(database, [alert('drift_warning', 'info')]);
  assert.equal((await read<{ readonly items: readonly Alert[] }>('/alerts?status=firing')).items.length, 1);
  assert.equal((await read<Stats>('/stats')).active_alerts, 0);
  await writeAlerts(database, [alert('low_volume', 'critical')]);
  assert.equal((await read<Stats>('/stats')).active_alerts, 1);
  await database.exec(`update alert set state = '{"silenced_by": ["si_1"]}' where type = 'low_volume'`);
  const { active_alerts, held_alerts } = await read<Stats>('/stats');
  assert.deepEqual({ active_alerts, held_alerts }, { active_alerts: 0, held_alerts: 1 }, 'it fires, and notifies nobody');
});

test('anomalies are filtered, paged, and explained in the language of the caller', async () => {
  await keep(anomaly('an_1', 1), anomaly('an_2', 2, { severity: 'warning' }), anomaly('an_3', 3));
  const first = await read<AnomalyPage>('/anomalies?severity=critical&limit=1');
  assert.deepEqual(
    first.items.map(({ id }) => id),
    ['an_3'],
  );
  const second = await read<AnomalyPage>(`/anomalies?severity=critical&limit=1&cursor=${first.next_cursor}`);
  assert.deepEqual(
    second.items.map(({ id }) => id),
    ['an_1'],
  );
  assert.equal(second.next_cursor, null);
  const english = await readView('an_1', 'en');
  const portuguese = await readView('an_1', 'pt-BR');
  assert.equal(english.action, text('en', `alert.action.${english.type}`));
  assert.equal(portuguese.action, text('pt-BR', `alert.action.${portuguese.type}`));
});

const readView = (id: string, language: string) => read<AnomalyView>(`/anomalies/${id}`, { 'accept-language': language });

test('alerts are in the language of the caller, by default in that of operators', async () => {
  const stored = alert('low_volume', 'critical');
  await writeAlerts(database, [{ ...stored, translations: { en: { ...stored.alert, summary: 'in English' } } }]);
  const summaryIn = async (headers: Record<string, string>) =>
    (await read<{ readonly items: readonly Alert[] }>('/alerts', headers)).items[0]?.summary;
  assert.equal(await summaryIn({ 'accept-language': 'en-GB,pt;q=0.5' }), 'in English');
  assert.equal(await summaryIn({ 'accept-language': 'pt-BR' }), 's');
  assert.equal(await summaryIn({}), 's');
});

test('an unknown id, node, parameter or cursor is named in the answer', async () => {
  await store(0, [{ status: 'approved', count: 1 }]);
  assert.equal((await app.inject('/anomalies/none')).statusCode, 404);
  for (const [url, field] of [
    ['/series?node=planet:1', 'node'],
    ['/series?minutes=0', 'minutes'],
    ['/anomalies?last=soon', 'last'],
    ['/series?since=2026-01-01T00:00:00Z', 'since'],
    ['/series?from=abc', 'from'],
    ['/stats?foo=1', 'foo'],
    ['/anomalies?foo=1', 'foo'],
    ['/alerts?cursor=x', 'cursor'],
    ['/merchants?foo=1', 'foo'],
    ['/stream?foo=1', 'foo'],
    ['/anomalies?cursor=zz', 'cursor'],
  ] as const) {
    const response = await app.inject(url);
    assert.equal(response.statusCode, 400, url);
    assert.equal(response.json<{ errors: { field: string }[] }>().errors[0]?.field, field, url);
    assert.doesNotMatch(response.body, /\{(?:count|allowed)/, url);
  }
  const allowed = await app.inject({ url: '/series?from=abc', headers: { 'accept-language': 'en' } });
  assert.match(allowed.body, /allowed parameters: node, minutes, since, until/);
});

test('a series has counts, holes and the band of its node', async () => {
  await store(0, [
    { status: 'approved', count: 7, merchant: 'm-1' },
    { status: 'denied', count: 2, merchant: 'm:2' },
  ]);
  await store(1, [], { state: 'silent' });
  const score: MinuteScore = {
    minute: START,
    revision: 0,
    node: 'fleet',
    observed: 9,
    expected: 10,
    low: 4,
    high: 16,
    z_score: -0.2,
    ml_score: 0.1,
    score: 0.1,
    state: 'normal',
  };
  await writeScores(database, [score, { ...score, node: 'status:denied', expected: 1 }]);
  const fleet = await read<Series>('/series?minutes=10');
  assert.deepEqual(
    fleet.items.map(({ state, total, by_status, expected }) => ({ state, total, by_status, expected })),
    [
      { state: 'observed', total: 9, by_status: { approved: 7, denied: 2 }, expected: 10 },
      { state: 'silent', total: 0, by_status: {}, expected: null },
    ],
  );
  const denied = await read<Series>('/series?node=status:denied');
  assert.equal(denied.items[0]?.total, 2);
  assert.equal(denied.items[0]?.expected, 1);
  const one = await read<Series>('/series?node=merchant_status:m:2:denied');
  assert.equal(one.items[0]?.total, 2);
});

test('merchants in trouble come first, and one that fell silent is listed for its anomaly', async () => {
  await store(0, [
    { merchant: 'm-good', status: 'approved', count: 950 },
    { merchant: 'm-good', status: 'denied', count: 50 },
    { merchant: 'm-bad', status: 'approved', count: 50 },
    { merchant: 'm-bad', status: 'failed', count: 50 },
    { merchant: 'm-bad', status: 'backend_reversed', count: 5 },
  ]);
  await keep(
    anomaly('an_gone', 0, {
      type: 'zero_transactions',
      node: { kind: 'merchant', merchant_id: 'm-gone' },
      slice: { merchant_id: 'm-gone', share: 1 },
    }),
  );
  const { items } = await read<MerchantList>('/merchants');
  assert.deepEqual(
    items.map(({ merchant_id }) => merchant_id),
    ['m-gone', 'm-bad', 'm-good'],
  );
  assert.equal(items[0]?.worst_type, 'zero_transactions');
  assert.equal(items[0]?.approval_rate, null);
  assert.equal(items[1]?.reversed, 5);
  assert.equal(items[2]?.trouble, 0);
});

test('programs without a session leave room for browsers, and a stream ends with its session', async () => {
  await readSide.hub.start();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const open = (cookie?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' };
      get({ port, host: '127.0.0.1', path: '/stream', agent, headers }, (response) => resolve(response.resume())).on('error', reject);
    });
  const silent = [];
  for (let n = 0; n < STREAM_LIMITS.withoutSession; n++) silent.push(await open());
  const refused = await open();
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '2']);
  const cookie = `guardian_session=${await sessions.exchange(sessions.mintLink())}`;
  const browser = await open(cookie);
  assert.equal(browser.statusCode, 200);
  const ended = once(browser, 'end');
  sessions.end(cookie);
  await ended;
  assert.equal((await open(cookie)).statusCode, 401);
  const left = once(silent[0] as IncomingMessage, 'close');
  silent[0]?.destroy();
  await left;
  let again = 503;
  while (again === 503) again = (await open()).statusCode ?? 0;
  assert.equal(again, 200, 'a place that was given back is used again');
});

test('the stream sends events over HTTP and lets the server close', async () => {
  await readSide.hub.start();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const text = await new Promise<string>((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/stream', headers: { accept: 'text/event-stream' } }, (response) => {
      assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
      let seen = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        seen += chunk;
        if (seen.includes('event: stats')) void app.close();
      });
      response.on('end', () => resolve(seen));
    }).on('error', reject);
  });
  assert.match(text, /^retry: 2000\nid: 0\.0\.0\n/);
  assert.match(text, /event: stats\ndata: \{.*"stream":"empty"/);
});

/** An alert that fires, as it is stored. */
function alert(type: Alert['type'], severity: Alert['severity']): StoredAlert {
  const starts_at = new Date(START).toISOString();
  const text = { name: type, summary: 's', description: 'd', action: 'a', runbook: null };
  const times = { starts_at, ends_at: null, updated_at: starts_at };
  const rest = { slice: {}, labels: {}, annotations: {}, anomaly_id: `an_${type}`, backfill: false };
  return {
    alert: { fingerprint: type, status: 'firing', type, severity, ...text, ...times, ...rest },
    translations: {},
    groupKey: 'g',
    version: 1,
  };
}
