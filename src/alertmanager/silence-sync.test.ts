import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { anomalyOf, eventOf, resolvedOf } from '../alert/test-anomaly.ts';
import { createAlertHarness, type AlertHarness } from '../alert/test-harness.ts';
import { acknowledgeAlert } from '../respond/acknowledge.ts';
import type { RespondDeps } from '../respond/act.ts';
import { changeSilence, createSilence, endSilence } from '../respond/silence.ts';
import { listSilenceViews } from '../respond/silence-view.ts';
import { personNamed, respondDeps } from '../respond/test-respond.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { syncSilences, type SilenceTroubles } from './silence-sync.ts';
import { createTestSilences, type TestSilences } from './test-silence-api.ts';

const ANA = personNamed('Ana');
const HOUR = 3_600_000;
const MERCHANT = { name: 'merchant', value: 'm-1', isRegex: false, isEqual: true };

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

interface Sides {
  readonly harness: AlertHarness;
  readonly deps: RespondDeps;
  readonly one: TestSilences;
  readonly two: TestSilences;
  /** As many rounds as it takes, and one more: nothing may change in it. */
  sync(): Promise<SilenceTroubles>;
  /** Instances that did not answer when they were last asked, with why. */
  readonly unanswered: ReadonlyMap<string, string>;
  /** Silences here that have not ended. */
  here(): Promise<readonly string[]>;
}

async function started(t: TestContext, { isCluster = false } = {}): Promise<Sides> {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await database.exec('truncate alertmanager_silence, act');
  const now = () => harness.now;
  const one = createTestSilences(now);
  const two = isCluster ? one : createTestSilences(now);
  const deps = respondDeps(harness);
  const instances = [
    { name: 'one', api: one },
    { name: 'two', api: two },
  ];
  const unanswered = new Map<string, string>();
  const answered = (name: string, error: string | undefined): void => {
    if (error === undefined) unanswered.delete(name);
    else unanswered.set(name, error);
  };
  const round = () => syncSilences({ database, clock: deps.clock, log: silentLog, respond: deps, instances, answered });
  return {
    ...{ harness, deps, one, two, unanswered },
    sync: async () => {
      for (let times = 0; times < 3; times += 1) {
        harness.now += 5000;
        await round();
      }
      return round();
    },
    here: async () => {
      const { items } = await listSilenceViews(database, { now: harness.now });
      return items
        .filter(({ status }) => status !== 'expired')
        .map(({ matchers, created_by: by, reason }) => `${matchers.join()} ${by.name}: ${reason}`);
    },
  };
}

const shown = ({
  createdBy,
  comment,
  matchers,
}: {
  createdBy: string;
  comment: string;
  matchers: readonly { name: string; value: string }[];
}) => `${matchers.map(({ name, value }) => `${name} ${value}`).join()} ${createdBy}: ${comment.replace(/ \[.*/, '')}`;

async function silenced({ deps }: Sides, endsIn = HOUR): Promise<string> {
  const outcome = await createSilence(deps, ANA, {
    scope: { matchers: ['merchant_id="m-1"'] },
    endsAt: deps.clock.now() + endsIn,
    reason: 'troca de adquirente',
  });
  assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
  return outcome.silence.id;
}

test('a silence made here is in every Alertmanager once; moved and ended here it is so there', async (t) => {
  const it = await started(t);
  const id = await silenced(it);
  assert.equal((await it.sync()).size, 0);
  for (const side of [it.one, it.two]) assert.deepEqual(side.live().map(shown), ['merchant m-1 Ana: troca de adquirente']);

  await changeSilence(it.deps, ANA, { id, endsAt: it.harness.now + 2 * HOUR });
  await it.sync();
  for (const side of [it.one, it.two]) assert.ok((side.live()[0]?.endsAt ?? 0) > it.harness.now + HOUR);
  assert.equal(it.one.all.size, 1, 'moved, not made again');

  await endSilence(it.deps, ANA, { id });
  await it.sync();
  for (const side of [it.one, it.two]) assert.deepEqual(side.live(), []);
  assert.equal(it.one.all.size, 1);
});

test('a silence made in one Alertmanager hides here and in the other one; moved and ended there it is so everywhere', async (t) => {
  const it = await started(t);
  const { harness } = it;
  const made = { matchers: [MERCHANT], startsAt: harness.now, endsAt: harness.now + HOUR, createdBy: 'bia', comment: 'obra' };
  const id = await it.one.put(made);
  assert.ok(typeof id === 'string');
  await harness.publish(eventOf('opened', 1, anomalyOf({ node: { kind: 'merchant', merchant_id: 'm-1' }, slice: { share: 1 } })));
  await it.sync();
  assert.deepEqual(await it.here(), ['merchant_id="m-1" bia (Alertmanager): obra']);
  assert.equal((await listAlerts(database, { status: 'firing' })).items[0]?.silenced_by.length, 1);
  assert.deepEqual(it.two.live().map(shown), ['merchant m-1 bia (Alertmanager): obra']);

  await it.one.put({ ...made, id, endsAt: harness.now + 3 * HOUR });
  await it.sync();
  assert.ok((it.two.live()[0]?.endsAt ?? 0) > harness.now + 2 * HOUR);
  await it.two.expire(it.two.live()[0]?.id ?? '');
  await it.sync();
  assert.deepEqual(await it.here(), []);
  assert.deepEqual([...it.one.live(), ...it.two.live()], []);
  assert.equal((await listAlerts(database, { status: 'firing' })).items[0]?.silenced_by.length, 0);
});

test('other matchers given to one of ours in Alertmanager end it and make another one', async (t) => {
  const it = await started(t);
  await silenced(it);
  await it.sync();
  const [there] = it.one.live();
  assert.ok(there !== undefined);
  const { state: _state, updatedAt: _at, ...silence } = there;
  await it.one.put({ ...silence, matchers: [{ ...MERCHANT, value: 'm-2' }] });
  await it.sync();
  assert.deepEqual(await it.here(), ['merchant_id="m-2" Ana (Alertmanager): troca de adquirente']);
  for (const side of [it.one, it.two])
    assert.deepEqual(
      side.live().map(({ matchers }) => matchers[0]?.value),
      ['m-2'],
    );
});

test('in a cluster, where both members list the same silences, there is one of each', async (t) => {
  const it = await started(t, { isCluster: true });
  await silenced(it);
  await it.one.put({
    matchers: [{ ...MERCHANT, value: 'm-2' }],
    startsAt: 0,
    endsAt: it.harness.now + HOUR,
    createdBy: 'bia',
    comment: '',
  });
  await it.sync();
  assert.equal(it.one.live().length, 2);
  assert.equal((await it.here()).length, 2);
});

test('a crash before the link is noted makes no second silence; an Alertmanager that lost its data gets them again', async (t) => {
  const it = await started(t);
  await silenced(it);
  await it.sync();
  await database.exec('truncate alertmanager_silence');
  await it.sync();
  assert.equal(it.one.live().length, 1);
  assert.equal((await it.here()).length, 1);
  it.one.all.clear();
  await it.sync();
  assert.deepEqual(it.one.live().map(shown), ['merchant m-1 Ana: troca de adquirente']);
  assert.equal((await it.here()).length, 1, 'nobody ended it');
});

test('an Alertmanager that is down is named, holds up no other, and gets it all later', async (t) => {
  const it = await started(t);
  it.one.isDown = true;
  const id = await silenced(it);
  await it.sync();
  assert.deepEqual([...it.unanswered], [['one', 'ECONNREFUSED']]);
  assert.equal(it.two.live().length, 1);
  it.one.isDown = false;
  await it.sync();
  assert.equal(it.one.live().length, 1);
  it.one.isDown = true;
  await endSilence(it.deps, ANA, { id });
  await it.sync();
  it.one.isDown = false;
  await it.sync();
  assert.deepEqual(it.one.live(), []);
});

test('an acknowledgement is a silence of that alert by its owner, until the alert ends; ended there the alert has no owner', async (t) => {
  const it = await started(t);
  await it.harness.publish(eventOf('opened', 1, anomalyOf()));
  const [alert] = (await listAlerts(database, { status: 'firing' })).items;
  await acknowledgeAlert(it.deps, ANA, { alertId: alert?.fingerprint ?? '' });
  await it.sync();
  const names = it.one.live()[0]?.matchers.map(({ name }) => name);
  assert.deepEqual(names?.toSorted(), ['alertname', 'auth_code', 'cause', 'service', 'severity', 'status', 'type']);
  assert.equal(it.one.live()[0]?.createdBy, 'Ana');
  assert.deepEqual(await it.here(), [], 'no silence of ours comes of it');

  await it.two.expire(it.two.live()[0]?.id ?? '');
  await it.sync();
  assert.equal((await listAlerts(database, { status: 'firing' })).items[0]?.acknowledged_by, null);
  assert.deepEqual(it.one.live(), []);

  await acknowledgeAlert(it.deps, ANA, { alertId: alert?.fingerprint ?? '' });
  await it.sync();
  await it.harness.publish(eventOf('resolved', 2, resolvedOf()));
  await it.sync();
  assert.deepEqual([...it.one.live(), ...it.two.live()], []);
});

test('what cannot be said here is named, and what is about the alerts of others is left alone', async (t) => {
  const it = await started(t);
  const common = { startsAt: it.harness.now, endsAt: it.harness.now + HOUR, createdBy: 'bia', comment: 'x' };
  await it.one.put({ ...common, matchers: [{ ...MERCHANT, value: '(?i)M-1', isRegex: true }] });
  await it.one.put({ ...common, matchers: [{ name: 'instance', value: 'db-1', isRegex: false, isEqual: true }] });
  const troubles = await it.sync();
  assert.equal(troubles.get('one')?.length, 1);
  assert.deepEqual(troubles.get('one')?.[0]?.why, { code: 'failure_not_sayable', params: { message: 'merchant_id=~"(?i)M-1"' } });
  assert.deepEqual(await it.here(), []);
  assert.equal(it.two.live().length, 0);
});

test('what holds back an alert that only Alertmanager has is left alone, also where its labels are of the program itself', async (t) => {
  const { one, sync, here, harness } = await started(t);
  const itself = { alertname: 'GuardianDiskFull', service: 'transaction-guardian', cause: 'guardian' };
  const matchers = Object.entries(itself).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
  const times = { startsAt: harness.now, endsAt: harness.now + HOUR };
  await one.put({ ...times, matchers, createdBy: 'Ana', comment: 'Snoozed: GuardianDiskFull [guardian:other bbbbbbbbbbbbbbb1]' });
  assert.deepEqual(await sync(), new Map());
  assert.equal(one.live().length, 1);
  assert.deepEqual(await here(), []);
});
