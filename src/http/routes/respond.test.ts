import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Maintenance, Silence, SilencePage } from '@transaction-guardian/contracts/silence.ts';
import type { FastifyInstance } from 'fastify';
import { DEFAULT_INHIBIT_RULES } from '../../alert/inhibit/rules.ts';
import { createInhibit } from '../../alert/inhibit/inhibit.ts';
import { alertFor, anomalyOf } from '../../alert/test-anomaly.ts';
import { createAct } from '../../auth/act.ts';
import type { Database } from '../../store/database.ts';
import type { EndForeign } from '../../respond/held-foreign.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { writeElsewhereHold } from '../../store/verbs/alertmanager/elsewhere-holds.ts';
import { writeAlerts } from '../../store/verbs/alert/write-alerts.ts';
import type { Sessions } from '../auth.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer, NOW } from '../server-under-test.ts';
import { registerMaintenanceRoutes } from './maintenance.ts';
import { registerRespondRoutes } from './respond.ts';
import { registerSilenceRoutes } from './silences.ts';

let database: Database;
let app: FastifyInstance;
let sessions: Sessions;
let deps: Parameters<typeof registerSilenceRoutes>[1];
const alert = alertFor(anomalyOf());
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec('truncate alert, alert_response, silence, silence_hit, maintenance, outbox, elsewhere_hold');
  await writeAlerts(database, [{ alert, translations: { en: { ...alert, summary: 'in English' } }, groupKey: 'g', version: 1 }]);
  const clock = { now: () => NOW, monotonic: () => NOW };
  const holds = { inhibit: createInhibit(DEFAULT_INHIBIT_RULES), groupIntervalMs: 60_000 };
  const respond = { act: createAct({ database, clock }), clock, holds, ackTimeoutMs: 1_800_000, timeZone: 'America/Sao_Paulo' };
  deps = { respond, database, language: createRequestLanguage('en') };
  const routes = [registerRespondRoutes, registerSilenceRoutes, registerMaintenanceRoutes].map(
    (add) => (one: FastifyInstance) => add(one, deps),
  );
  ({ app, sessions } = await createTestServer({ deps: { routes } }));
});

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
const ask = (method: Method, path: string, payload?: object, headers: Record<string, string> = {}) =>
  app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...(headers['cookie'] === undefined ? CLI_HEADERS : { host: 'localhost' }), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
const asBrowser = async () => ({ origin: 'http://localhost', cookie: `guardian_session=${await sessions.exchange(sessions.mintLink())}` });
const rulesOf = (body: Problem): string[] => (body.errors ?? []).map(({ field, rule }) => `${field} ${rule}`);

test('an alert is acknowledged without a body, in the language of the caller, and the second caller is reported by whom', async () => {
  const first = await ask('POST', `/alerts/${alert.fingerprint}/acknowledge`, undefined, { 'guardian-claimed-name': 'ana' });
  assert.equal(first.statusCode, 200, first.body);
  const view: AlertView = first.json();
  assert.deepEqual([view.summary, view.acknowledged_by, view.acknowledged_until], ['in English', { id: 'local', name: 'ana' }, at(30)]);
  const second = await ask('POST', '/alerts/an_1/acknowledge', {}, await asBrowser());
  assert.equal(second.statusCode, 409);
  const problem: Problem & { owner: object } = second.json();
  assert.deepEqual([problem.code, problem.owner], ['ALERT_TAKEN', { id: 'local', name: 'ana' }]);
  assert.equal(problem.detail, 'ana acknowledged this alert at 09:00.');
  const undone = await ask('DELETE', `/alerts/${alert.fingerprint}/acknowledge`, undefined, await asBrowser());
  assert.equal(undone.json<AlertView>().acknowledged_by, null);
  assert.equal((await ask('DELETE', `/alerts/${alert.fingerprint}/acknowledge`)).statusCode, 404);
});

test('a snooze has an end or a length, in the future and within a day', async () => {
  const path = `/alerts/${alert.fingerprint}/snooze`;
  assert.equal((await ask('POST', path, { minutes: 15 })).json<AlertView>().snoozed_until, at(15));
  assert.equal((await ask('POST', path, { until: at(60) })).json<AlertView>().snoozed_until, at(60));
  for (const [body, rule] of [
    [{}, 'minutes end_or_minutes'],
    [{ minutes: 15, until: at(15) }, 'minutes end_or_minutes'],
    [{ minutes: 0 }, 'minutes minimum'],
    [{ minutes: '15' }, 'minutes type'],
    [{ until: '2026-11-22 12:15' }, 'until timestamp_zone'],
    [{ until: at(-1) }, 'until end_in_future'],
    [{ until: at(1441) }, 'until end_too_late'],
    [{ minutes: 15, why: 'x' }, 'why unknown_field'],
  ] as const) {
    const answer = await ask('POST', path, body);
    assert.equal(answer.statusCode, 422, answer.body);
    assert.deepEqual(rulesOf(answer.json()), [rule]);
  }
  assert.equal((await ask('DELETE', path)).json<AlertView>().snoozed_until, null);
});

test('an alert that is not there is 404, one that is over 409', async () => {
  assert.equal((await ask('POST', '/alerts/nobody/acknowledge')).json<Problem>().detail, 'No alert has the id nobody.');
  for (const path of ['/alerts/4111111111111111/acknowledge', '/silences/4111111111111111', '/maintenance/4111111111111111'])
    assert.doesNotMatch((await ask(path.startsWith('/alerts') ? 'POST' : 'DELETE', path)).body, /4111111111111111/);
  await writeAlerts(database, [{ alert: { ...alert, status: 'resolved', ends_at: at(0) }, translations: {}, groupKey: 'g', version: 2 }]);
  for (const path of ['acknowledge', 'snooze']) {
    const answer = await ask('POST', `/alerts/${alert.fingerprint}/${path}`, { ...(path === 'snooze' ? { minutes: 5 } : {}) });
    assert.deepEqual([answer.statusCode, answer.json<Problem>().code], [409, 'ALERT_NOT_FIRING']);
  }
  const silence = await ask('POST', '/silences', { alert_id: alert.fingerprint, minutes: 60, reason: 'x' });
  assert.deepEqual([silence.statusCode, silence.json<Problem>().code], [409, 'ALERT_NOT_FIRING']);
  assert.deepEqual((await ask('GET', '/silences?status=active')).json<SilencePage>().items, []);
});

test('a silence is created, listed with what it hides, changed and ended', async () => {
  const made = await ask('POST', '/silences', { matchers: ['status = denied'], minutes: 60, reason: 'troca de adquirente' });
  assert.equal(made.statusCode, 201, made.body);
  const silence: Silence = made.json();
  assert.deepEqual(
    [silence.status, silence.matchers, silence.ends_at, silence.max_severity, silence.hidden.map(({ fingerprint }) => fingerprint)],
    ['active', ['status="denied"'], at(60), 'critical', [alert.fingerprint]],
  );
  const page: SilencePage = (await ask('GET', '/silences?status=active')).json();
  assert.deepEqual(
    page.items.map(({ id }) => id),
    [silence.id],
  );
  assert.equal((await ask('PATCH', `/silences/${silence.id}`, { minutes: 120 })).json<Silence>().ends_at, at(120));
  assert.equal((await ask('DELETE', `/silences/${silence.id}`)).json<Silence>().status, 'expired');
  assert.equal((await ask('DELETE', `/silences/${silence.id}`)).statusCode, 409);
  assert.equal((await ask('GET', '/silences/si_nobody')).statusCode, 404);
});

test('alerts of other rules that somebody holds back stand beside the silences, with their owner, until that is over', async () => {
  const hold = { kind: 'acknowledge', by: 'Ana', at: Date.parse(at(0)), endedAt: null };
  const put = (row: { fingerprint: string; until: string; endedAt?: number }) =>
    database.transaction((tx) =>
      writeElsewhereHold(tx, { ...hold, labels: { alertname: 'HostDown' }, ...row, until: Date.parse(row.until) }),
    );
  await put({ fingerprint: 'f1', until: at(30) });
  await put({ fingerprint: 'f2', until: at(0) });
  await put({ fingerprint: 'f3', until: at(30), endedAt: Date.parse(at(0)) });
  assert.deepEqual((await ask('GET', '/silences')).json<SilencePage>().elsewhere, [
    {
      ...{ fingerprint: 'f1', name: 'HostDown', labels: { alertname: 'HostDown' }, kind: 'acknowledge' },
      ...{ by: 'Ana', at: at(0), until: at(30) },
    },
  ]);
});

test('what holds an alert of other rules back is ended by its fingerprint; what did not answer is named', async () => {
  const released: unknown[] = [];
  const endForeign: EndForeign = async (actor, fingerprint) => {
    released.push([actor.id, fingerprint]);
    if (fingerprint === 'away') return { kind: 'away', absent: ['am-1', 'am-2'] };
    return fingerprint === 'f1' ? { kind: 'done', name: 'HostDown', absent: ['am-2'] } : { kind: 'none' };
  };
  const without = await ask('DELETE', '/silences/elsewhere/f1');
  assert.deepEqual([without.statusCode, released], [404, []], 'no Alertmanager is configured');
  ({ app, sessions } = await createTestServer({
    deps: { routes: [(one: FastifyInstance) => registerSilenceRoutes(one, { ...deps, endForeign })] },
  }));
  const ended = await ask('DELETE', '/silences/elsewhere/f1');
  assert.deepEqual([ended.statusCode, ended.json()], [200, { fingerprint: 'f1', name: 'HostDown', not_in: ['am-2'] }]);
  assert.deepEqual(released, [['local', 'f1']]);
  const over = (await ask('DELETE', '/silences/elsewhere/f2')).json<Problem>();
  assert.deepEqual([over.status, over.code, over.detail], [409, 'SILENCE_ENDED', 'Nothing holds back the alert f2: it has ended.']);
  const away = (await ask('DELETE', '/silences/elsewhere/away')).json<Problem>();
  assert.deepEqual([away.status, away.code], [503, 'ALERTMANAGER_UNAVAILABLE']);
  assert.match(away.detail, /am-1, am-2/);
});

test('a silence of an alert hides its cause up to its severity', async () => {
  const silence: Silence = (await ask('POST', '/silences', { alert_id: 'an_1', minutes: 60, reason: 'x' })).json();
  assert.equal(silence.max_severity, 'warning');
  assert.ok(silence.matchers.includes('auth_code="51"') && silence.matchers.includes('merchant_id=""'), silence.matchers.join());
  assert.equal((await ask('POST', '/silences', { alert_id: 'an_2', minutes: 60, reason: 'x' })).statusCode, 404);
});

test('what is wrong with a silence is named by field and rule', async () => {
  const good = { matchers: ['type="spike"'], minutes: 60, reason: 'x' };
  for (const [change, rules] of [
    [{ matchers: undefined }, ['matchers matchers_or_alert']],
    [{ alert_id: 'an_1' }, ['matchers matchers_or_alert']],
    [{ minutes: undefined }, ['ends_at end_or_minutes']],
    [{ reason: undefined }, ['reason required']],
    [{ reason: ' ' }, ['reason blank']],
    [{ reason: '4111 1111 1111 1111' }, ['reason card_number']],
    [{ matchers: [] }, ['matchers list']],
    [{ matchers: ['type'] }, ['matchers[0] matcher']],
    [{ matchers: ['typ="x"'] }, ['matchers[0] matcher_label']],
    [{ matchers: [5] }, ['matchers[0] type']],
    [{ matchers: ['type=~"("'] }, ['matchers[0] matcher_regex']],
    [{ max_severity: 'bad' }, ['max_severity enum']],
    [{ minutes: 43_201 }, ['minutes maximum']],
  ] as const) {
    const answer = await ask('POST', '/silences', { ...good, ...change });
    assert.equal(answer.statusCode, 422, answer.body);
    assert.deepEqual(rulesOf(answer.json()), rules);
    assert.ok(
      (answer.json<Problem>().errors ?? []).every(({ message, rule }) => message !== rule),
      answer.body,
    );
  }
  assert.deepEqual(rulesOf((await ask('PATCH', '/silences/si_x', {})).json()), ['(body) nothing_to_change']);
  const misspelt = (await ask('GET', '/silences?state=active')).json<Problem>();
  assert.match(misspelt.errors?.[0]?.message ?? '', /status, limit, cursor$/);
  assert.equal((await ask('GET', '/maintenance?state=active')).statusCode, 400, 'a filter that a list does not have is refused');
});

test('a maintenance window is planned, listed and ended', async () => {
  // NOW is a Sunday.
  const weekly = { days: ['mon'], start: '02:00', end: '04:00' };
  const made = await ask('POST', '/maintenance', { name: 'janela', matchers: ['acquirer="rede"'], weekly });
  assert.equal(made.statusCode, 201, made.body);
  const window: Maintenance = made.json();
  assert.deepEqual(
    [window.status, window.weekly?.time_zone, window.next?.starts_at],
    ['planned', 'America/Sao_Paulo', '2026-11-23T05:00:00.000Z'],
  );
  assert.equal((await ask('GET', '/maintenance')).json<{ items: Maintenance[] }>().items.length, 1);
  assert.equal((await ask('DELETE', `/maintenance/${window.id}`)).json<Maintenance>().status, 'ended');
  for (const [change, rules] of [
    [{ weekly: undefined }, ['once once_or_weekly']],
    [{ weekly: { ...weekly, start: '2:00' } }, ['weekly.start pattern']],
    [{ weekly: { ...weekly, days: ['monday'] } }, ['weekly.days[0] enum']],
    [{ weekly: { ...weekly, days: [] } }, ['weekly.days list']],
    [{ weekly: { days: ['mon'] } }, ['weekly.start required', 'weekly.end required']],
    [{ weekly: { ...weekly, time_zone: 'Mars' } }, ['weekly.time_zone time_zone']],
    [{ weekly: undefined, once: { starts_at: at(60), ends_at: at(30) } }, ['once.ends_at end_after_start']],
    [{ name: undefined }, ['name required']],
    [{ matchers: ['merchant_id!="x"'] }, ['matchers matcher_nothing']],
  ] as const) {
    const answer = await ask('POST', '/maintenance', { name: 'janela', matchers: ['acquirer="rede"'], weekly, ...change });
    assert.equal(answer.statusCode, 422, answer.body);
    assert.deepEqual(rulesOf(answer.json()), rules);
  }
});

test('an answer names the rule in Portuguese too', async () => {
  const answer = await ask('POST', '/silences', { matchers: ['x'], minutes: 5, reason: 'x' }, { 'accept-language': 'pt-BR' });
  assert.match(answer.json<Problem>().errors?.[0]?.message ?? '', /não é uma condição/);
});

test('to act needs a session or the service token, also on this machine', async () => {
  const made: Silence = (await ask('POST', '/silences', { matchers: ['type="spike"'], minutes: 60, reason: 'x' })).json();
  for (const [method, path] of [
    ['POST', `/alerts/${alert.fingerprint}/acknowledge`],
    ['DELETE', `/alerts/${alert.fingerprint}/acknowledge`],
    ['POST', `/alerts/${alert.fingerprint}/snooze`],
    ['DELETE', `/alerts/${alert.fingerprint}/snooze`],
    ['POST', '/silences'],
    ['PATCH', `/silences/${made.id}`],
    ['DELETE', `/silences/${made.id}`],
    ['POST', '/maintenance'],
    ['DELETE', '/maintenance/mw_1'],
  ] as const) {
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers: { host: 'localhost' } });
    assert.equal(answer.statusCode, 401, `${method} ${path}`);
  }
  assert.equal((await app.inject({ url: '/api/v1/silences', headers: { host: 'localhost' } })).statusCode, 200, 'to look does not');
});

test('a storm of 1,000 alerts is acknowledged by one request, once, with one row of the audit', async () => {
  const storm = Array.from({ length: 1000 }, (_, n) =>
    alertFor(
      anomalyOf({ id: `an_storm${n}`, node: { kind: 'merchant', merchant_id: `m-${n}` }, slice: { merchant_id: `m-${n}`, share: 1 } }),
    ),
  );
  await writeAlerts(
    database,
    storm.map((one, n) => ({ alert: one, translations: {}, groupKey: `g${n}`, version: 1 })),
  );
  const some = await ask('POST', '/alerts/acknowledge', { alert_ids: ['an_storm1', storm[2]?.fingerprint, 'an_nobody'] });
  assert.equal(some.statusCode, 200, some.body);
  assert.deepEqual(new Set(some.json<{ acknowledged: string[] }>().acknowledged), new Set([storm[1]?.fingerprint, storm[2]?.fingerprint]));
  const headers = { ...(await asBrowser()), 'idempotency-key': 'storm' };
  const all = await ask('POST', '/alerts/acknowledge', undefined, headers);
  assert.equal(all.statusCode, 200, all.body);
  const { acknowledged, taken } = all.json<{ acknowledged: string[]; taken: number }>();
  assert.deepEqual([acknowledged.length, taken], [999, 2], 'the alert of the other tests fires, too');
  assert.deepEqual((await database.query(`select count(*)::int as n from alert_response where ended_at is null`))[0], { n: 1001 });
  const again = await ask('POST', '/alerts/acknowledge');
  assert.deepEqual(again.json(), { acknowledged: [], taken: 1001 });
  const rows = await database.query(
    `select entry ->> 'result' as result from audit where entry ->> 'verb' = 'alert.acknowledge' and entry -> 'arguments' ->> 'alert_ids' is not null order by number`,
  );
  assert.deepEqual(rows, [{ result: 'done' }, { result: 'done' }, { result: 'unchanged' }]);
  const wrong = await ask('POST', '/alerts/acknowledge', { alert_ids: [] });
  assert.deepEqual([wrong.statusCode, rulesOf(wrong.json())], [422, ['alert_ids list']]);
});

test('an alert whose fingerprint looks like a card number is silenced and acknowledged as any other', async () => {
  const fingerprint = '3205860713729956';
  await writeAlerts(database, [{ alert: { ...alert, fingerprint }, translations: {}, groupKey: 'g', version: 2 }]);
  const silenced = await ask('POST', '/silences', { alert_id: fingerprint, minutes: 60, reason: 'x' });
  assert.equal(silenced.statusCode, 201, silenced.body);
  const taken = await ask('POST', '/alerts/acknowledge', { alert_ids: [fingerprint] });
  assert.deepEqual([taken.statusCode, taken.json()], [200, { acknowledged: [fingerprint], taken: 0 }]);
});
