import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { Registry } from 'prom-client';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { createAct } from '../auth/act.ts';
import { FLEET_GROUP, SELF_GROUP } from '../alert/group.ts';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import { alertFor, anomalyOf, resolvedOf } from '../alert/test-anomaly.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { writeAlerts } from '../store/verbs/alert/write-alerts.ts';
import type { ApiAnswer, callAlertmanager, PostableAlert } from './api.ts';
import { createAlertmanagerStage, type AlertmanagerStage } from './stage.ts';

const START = Date.parse('2026-11-22T03:00:00.000Z');
const TAKEN: ApiAnswer = { kind: 'delivered', body: null };
const DOWN: ApiAnswer = { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 };

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(() => database.exec('truncate alert, alertmanager_push, alertmanager_silence'));

/** Two Alertmanagers that a test plays, and the stage that keeps them up to date. */
function harness(names = ['one', 'two']) {
  const it = {
    now: START,
    isCaughtUp: true,
    answers: new Map<string, ApiAnswer | Promise<ApiAnswer>>(),
    /** Requests with alerts that `one` did not take. */
    tries: 0,
    registry: new Registry(),
    posts: [] as { readonly to: string; readonly alerts: readonly PostableAlert[] }[],
    untaken: undefined as Reason | undefined,
    stage: undefined as unknown as AlertmanagerStage,
    /** As after kill -9: nothing of the process is left. */
    restart: async () => {
      it.registry.clear();
      it.stage = make();
      await it.stage.start();
    },
    advance: async (ms: number) => {
      it.now += ms;
      await it.stage.tick();
      await it.stage.idle();
      await it.stage.tick();
      await it.stage.idle();
    },
    /** What an instance was sent since the last look, as `name status`. */
    seen: (to: string) => {
      const alerts = it.posts.filter((post) => post.to === to).flatMap((post) => post.alerts);
      it.posts = it.posts.filter((post) => post.to !== to);
      return alerts.map(({ labels, endsAt }) => `${labels['alertname']} ${Date.parse(endsAt) > it.now ? 'firing' : 'resolved'}`);
    },
  };
  const call: typeof callAlertmanager = async (target, { method, body }) => {
    const answer = await (it.answers.get(target.url) ?? TAKEN);
    if (method === 'GET') return answer.kind === 'delivered' ? { kind: 'delivered', body: [] } : answer;
    if (answer.kind !== 'delivered' && target.url === 'one') it.tries += 1;
    if (answer.kind === 'delivered') it.posts.push({ to: target.url, alerts: body as PostableAlert[] });
    return answer;
  };
  const make = () =>
    createAlertmanagerStage(
      {
        database,
        clock: { now: () => it.now, monotonic: () => it.now },
        log: silentLog,
        registry: it.registry,
        random: () => 0,
        isCaughtUp: () => it.isCaughtUp,
        respond: {
          act: createAct({ database, clock: { now: () => it.now, monotonic: () => it.now } }),
          clock: { now: () => it.now, monotonic: () => it.now },
          holds: { inhibit: createInhibit([]), groupIntervalMs: 60_000 },
          ackTimeoutMs: 0,
          timeZone: 'America/Sao_Paulo',
        },
        call,
        untaken: (reason) => void (it.untaken = reason),
      },
      {
        targets: names.map((name) => ({ name, url: name })),
        refreshMs: 60_000,
        keepAliveMs: 3_600_000,
        overdueMs: 60_000,
        tickMs: 0,
      },
    );
  return it;
}

const codeOf = ({ untaken }: { readonly untaken: Reason | undefined }): string | undefined => untaken?.code;

let version = 0;
const store = (anomaly = anomalyOf(), groupKey = FLEET_GROUP) =>
  writeAlerts(database, [{ alert: alertFor(anomaly), translations: {}, groupKey, version: (version += 1) }]);

test('every instance gets an alert at once, its refresh each minute with an end ahead, and that it resolved', async () => {
  const it = harness();
  await it.restart();
  await store();
  await it.advance(0);
  const [post] = it.posts;
  assert.deepEqual(post?.alerts[0]?.labels, {
    alertname: 'GuardianDenialsAboveNormal',
    severity: 'warning',
    type: 'denials_above_normal',
    status: 'denied',
    auth_code: '51',
    cause: 'fleet',
    service: 'transaction-guardian',
  });
  for (const name of ['summary', 'description', 'action', 'runbook', 'impact', 'links', 'graph'])
    assert.ok(post?.alerts[0]?.annotations[name], `annotation ${name}`);
  assert.equal(post?.alerts[0]?.endsAt, '2026-11-22T04:00:00.000Z');
  for (const name of ['one', 'two']) assert.deepEqual(it.seen(name), ['GuardianDenialsAboveNormal firing']);

  await it.advance(30_000);
  assert.equal(it.posts.length, 0);
  await it.advance(31_000);
  assert.equal(it.posts[0]?.alerts[0]?.endsAt, '2026-11-22T04:01:01.000Z');
  for (const name of ['one', 'two']) assert.deepEqual(it.seen(name), ['GuardianDenialsAboveNormal firing']);

  await store(resolvedOf());
  await it.advance(1000);
  assert.equal(it.posts[0]?.alerts[0]?.endsAt, '2026-11-22T03:01:02.000Z', 'it ends when that was noticed');
  for (const name of ['one', 'two']) assert.deepEqual(it.seen(name), ['GuardianDenialsAboveNormal resolved']);
});

test('that it resolved is repeated for 15 minutes, for an Alertmanager that restarted, and then no more', async () => {
  const it = harness(['one']);
  await it.restart();
  await store();
  await it.advance(0);
  await store(resolvedOf());
  await it.advance(1000);
  it.posts = [];
  for (let minute = 0; minute < 30; minute += 1) await it.advance(60_001);
  const resolved = it.seen('one');
  assert.deepEqual([...new Set(resolved)], ['GuardianDenialsAboveNormal resolved']);
  assert.ok(resolved.length >= 13 && resolved.length <= 15, `${resolved.length}`);
});

test('one that is down or hangs does not hold the other up, and gets what it missed as it is by then', async () => {
  const it = harness();
  await it.restart();
  it.answers.set('one', DOWN);
  await store();
  await it.advance(0);
  assert.deepEqual(it.seen('two'), ['GuardianDenialsAboveNormal firing']);
  await store(resolvedOf());
  await store(anomalyOf({ id: 'an_2', type: 'spike', severity: 'critical', slice: { share: 1 } }));
  await it.advance(1000);
  assert.deepEqual(it.seen('two').toSorted(), ['GuardianDenialsAboveNormal resolved', 'GuardianVolumeSpike firing']);
  assert.match(detailOf(it.stage.health()), /^one fails since 2026-11-22T03:00:00\.000Z: ECONNREFUSED; one: 2 alerts behind$/);
  assert.equal(it.stage.receivers().find(({ receiver }) => receiver === 'two')?.lastDeliveredAt, START + 1000);
  assert.equal(codeOf(it), undefined, 'the other one has them');

  it.answers.set('one', TAKEN);
  await it.advance(60_000);
  assert.deepEqual(it.seen('one').toSorted(), ['GuardianDenialsAboveNormal resolved', 'GuardianVolumeSpike firing']);
  assert.deepEqual(it.stage.health(), { status: 'ok' });

  let answer: (value: ApiAnswer) => void = () => undefined;
  it.answers.set('one', new Promise((resolve) => (answer = resolve)));
  await store(anomalyOf({ id: 'an_3', type: 'low_volume', slice: { share: 1 } }));
  it.now += 1000;
  for (let look = 0; look < 3; look += 1) await it.stage.tick();
  answer(TAKEN);
  await it.stage.idle();
  assert.deepEqual(it.seen('two').includes('GuardianLowVolume firing'), true);
});

test('after kill -9 an alert that may have been taken is kept alive and ended; none is lost that ended meanwhile', async () => {
  const it = harness(['one']);
  await it.restart();
  await store();
  await it.advance(0);
  await it.restart();
  await it.advance(61_000);
  assert.deepEqual(it.seen('one'), ['GuardianDenialsAboveNormal firing', 'GuardianDenialsAboveNormal firing']);

  // The answer to a send never came: the instance may hold the alert.
  it.answers.set('one', DOWN);
  await store(anomalyOf({ id: 'an_2', type: 'spike', slice: { share: 1 } }));
  await it.advance(1000);
  await store(resolvedOf({ id: 'an_2', type: 'spike', slice: { share: 1 } }));
  await store(resolvedOf());
  it.answers.set('one', TAKEN);
  await it.restart();
  await it.advance(1000);
  assert.deepEqual(it.seen('one').toSorted(), ['GuardianDenialsAboveNormal resolved', 'GuardianVolumeSpike resolved']);
});

test('the same labels that fire again replace the end of the firing before', async () => {
  const it = harness(['one']);
  await it.restart();
  await store();
  await it.advance(0);
  await store(resolvedOf());
  await it.advance(1000);
  it.seen('one');
  await store(anomalyOf({ id: 'an_9', started_at: '2025-07-12T21:00:00.000Z' }));
  await it.advance(1000);
  for (let minute = 0; minute < 3; minute += 1) await it.advance(60_001);
  assert.deepEqual([...new Set(it.seen('one'))], ['GuardianDenialsAboveNormal firing']);
});

test('that no instance takes alerts is a problem after a minute, until one does; so is that none can be kept alive', async () => {
  const it = harness();
  await it.restart();
  for (const name of ['one', 'two']) it.answers.set(name, DOWN);
  await store();
  await it.advance(0);
  assert.equal(codeOf(it), undefined);
  await it.advance(60_000);
  assert.deepEqual(it.untaken, { code: 'self_alerts_untaken', params: { alerts: 1, since: '2026-11-22T03:00:00.000Z' } });
  it.answers.set('two', TAKEN);
  await it.advance(60_000);
  assert.equal(codeOf(it), undefined);
  it.answers.set('two', DOWN);
  for (let minute = 0; minute < 5; minute += 1) await it.advance(60_000);
  assert.equal(codeOf(it), 'self_alerts_untaken');
});

test('before the backlog has become alerts only what the program says of itself begins; backfill never does', async () => {
  const it = harness(['one']);
  it.isCaughtUp = false;
  await it.restart();
  await store();
  await store(anomalyOf({ id: 'an_2', type: 'detector_behind', slice: { share: 1 } }), SELF_GROUP);
  await store(anomalyOf({ id: 'an_3', type: 'spike', backfill: true, slice: { share: 1 } }));
  await it.advance(0);
  assert.deepEqual(it.seen('one'), ['GuardianDetectorBehind firing']);
  it.isCaughtUp = true;
  await it.advance(1000);
  assert.deepEqual(it.seen('one'), ['GuardianDenialsAboveNormal firing']);
});

test('a thousand alerts go out in requests as large as those of Prometheus', async () => {
  const it = harness(['one']);
  await it.restart();
  const many = Array.from({ length: 130 }, (_, index) =>
    anomalyOf({ id: `an_${index}`, node: { kind: 'merchant', merchant_id: `m-${index}` }, slice: { share: 1 } }),
  );
  await writeAlerts(
    database,
    many.map((anomaly) => ({ alert: alertFor(anomaly), translations: {}, groupKey: FLEET_GROUP, version: (version += 1) })),
  );
  await it.advance(0);
  assert.deepEqual(
    it.posts.map(({ alerts }) => alerts.length),
    [64, 64, 2],
  );
});

test('an Alertmanager that is down is failing also while nothing is to be sent, and is well when it answers', async () => {
  const it = harness();
  await it.restart();
  it.answers.set('one', DOWN);
  await it.stage.lookAtSilences();
  it.now += 5000;
  await it.stage.lookAtSilences();
  const failing = () =>
    it.stage.receivers().flatMap(({ receiver, failingSince }) => (failingSince === null ? [] : [[receiver, failingSince]]));
  assert.deepEqual(failing(), [['one', START]]);
  assert.equal(it.stage.health().status, 'degraded');
  it.answers.set('one', TAKEN);
  await it.stage.lookAtSilences();
  assert.deepEqual(failing(), []);
  assert.deepEqual(it.stage.health(), { status: 'ok' });
});

test('one that fails five times in a row gets one request in half a minute, and has everything with the first that it takes', async () => {
  const it = harness();
  await it.restart();
  it.answers.set('one', DOWN);
  await store();
  const breaker = () => it.stage.receivers().map((one) => `${one.receiver} ${one.breaker}`);
  for (let second = 0; second < 60; second += 5) await it.advance(5000);
  assert.deepEqual(breaker(), ['one open', 'two closed']);
  const before = it.tries;
  for (let second = 0; second < 300; second += 5) await it.advance(5000);
  assert.ok(it.tries - before >= 9 && it.tries - before <= 11, `${it.tries - before} requests in five minutes`);
  const { values } = (await it.registry.getSingleMetric('guardian_alertmanager_breaker')?.get()) ?? { values: [] };
  assert.deepEqual(
    values.filter(({ value }) => value === 1).map(({ labels }) => `${labels['alertmanager']} ${labels['state']}`),
    ['one open', 'two closed'],
  );
  it.answers.set('one', TAKEN);
  for (let second = 0; second < 35; second += 5) await it.advance(5000);
  assert.deepEqual(breaker(), ['one closed', 'two closed']);
  assert.deepEqual(it.seen('one'), ['GuardianDenialsAboveNormal firing']);
});
