import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createAct } from '../auth/act.ts';
import { personNamed } from '../respond/test-respond.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAudit } from '../store/verbs/audit/list-audit.ts';
import { createActsElsewhere } from './act-elsewhere.ts';
import type { HeldAlertElsewhere } from './held.ts';
import { createKeepElsewhere } from './keep-elsewhere.ts';
import { createTestSilences, type TestSilences } from './test-silence-api.ts';

const ANA = personNamed('Ana');
const FINGERPRINT = 'bbbbbbbbbbbbbbb1';
const ALERT: HeldAlertElsewhere = {
  ...{ fingerprint: FINGERPRINT, name: 'HostDown', severity: 'critical', startsAt: '2026-11-22T03:00:00.000Z' },
  ...{ labels: { alertname: 'HostDown', instance: 'db-1' }, description: '', isSuppressed: true },
};
const HOUR_MS = 3_600_000;

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.exec('truncate elsewhere_hold, act'));
after(() => database.close());

/** Two Alertmanagers that know nothing of each other, and the program that keeps them to what people asked for. */
function world() {
  const clock = { at: Date.parse('2026-11-22T03:10:00Z'), now: () => clock.at, monotonic: () => clock.at };
  const [one, two] = [createTestSilences(clock.now), createTestSilences(clock.now)];
  const instances = [
    { name: 'one', api: one },
    { name: 'two', api: two },
  ];
  const it = { clock, one, two, alerts: [ALERT] as readonly HeldAlertElsewhere[] | null };
  const heldElsewhere = async () => ({ alerts: it.alerts, absent: [], hasOurs: false });
  const act = createAct({ database, clock });
  /** As a process that has just started. */
  const start = () => ({
    acts: createActsElsewhere({ act, clock, database, heldElsewhere, instances, ackTimeoutMs: HOUR_MS }),
    look: createKeepElsewhere({ act, clock, database, log: silentLog, heldElsewhere, instances }),
  });
  let program = start();
  return {
    ...{ clock, one, two },
    fires(held: readonly HeldAlertElsewhere[] | null): void {
      it.alerts = held;
    },
    restart() {
      program = start();
    },
    acts: () => program.acts,
    async pass(seconds: number): Promise<void> {
      clock.at += seconds * 1000;
      await program.look();
    },
  };
}
const acknowledge = { fingerprint: FINGERPRINT, kind: 'acknowledge', until: null } as const;
const shown = (api: TestSilences): string[] =>
  api.live().map(({ createdBy, comment, endsAt }) => `${createdBy} ${comment.split(':')[0]} ${new Date(endsAt).toISOString()}`);
const HELD = ['Ana Acknowledged 2026-11-22T04:10:00.000Z'];

test('an Alertmanager that lost its data has the acknowledgement again, with its owner and its end, also after a restart of the program', async () => {
  const it = world();
  await it.acts().hold(ANA, acknowledge);
  it.one.all.clear();
  it.two.all.clear();
  it.restart();
  assert.deepEqual(
    (await it.acts().holds()).map(({ by, at, kind }) => [by, new Date(at).toISOString(), kind]),
    [['Ana', '2026-11-22T03:10:00.000Z', 'acknowledge']],
  );
  assert.equal((await it.acts().hold(personNamed('Bob'), acknowledge)).kind, 'taken');
  await it.pass(15);
  assert.deepEqual([shown(it.one), shown(it.two)], [HELD, HELD]);
  await it.pass(15);
  assert.deepEqual([it.one.all.size, it.two.all.size], [1, 1], 'once');
  assert.equal((await it.acts().holds())[0]?.at, Date.parse('2026-11-22T03:10:00Z'), 'since she took it');
});

test('an Alertmanager that was away gets what was asked for meanwhile, and loses what was ended meanwhile', async () => {
  const it = world();
  it.two.isDown = true;
  await it.acts().hold(ANA, acknowledge);
  await it.pass(15);
  it.two.isDown = false;
  await it.pass(15);
  assert.deepEqual([shown(it.one), shown(it.two)], [HELD, HELD]);

  it.two.isDown = true;
  await it.acts().hold(ANA, { ...acknowledge, kind: 'snooze', until: it.clock.at + 1_200_000 });
  it.two.isDown = false;
  await it.pass(15);
  assert.deepEqual([shown(it.one), shown(it.two)], [['Ana Snoozed 2026-11-22T03:30:30.000Z'], ['Ana Snoozed 2026-11-22T03:30:30.000Z']]);

  it.two.isDown = true;
  const released = await it.acts().release(ANA, { fingerprint: FINGERPRINT, kinds: ['snooze'] });
  assert.deepEqual(released, { kind: 'done', name: 'HostDown', absent: ['two'] });
  it.two.isDown = false;
  await it.pass(15);
  await it.pass(15);
  assert.deepEqual([shown(it.one), shown(it.two)], [[], []]);
});

test('what somebody ends in one Alertmanager ends in the other and here, and the audit says so', async () => {
  const it = world();
  await it.acts().hold(ANA, acknowledge);
  await it.pass(15);
  await it.one.expire(it.one.live()[0]?.id ?? '');
  await it.pass(2);
  await it.pass(13);
  await it.pass(15);
  assert.deepEqual([shown(it.one), shown(it.two), await it.acts().holds()], [[], [], []]);
  const { items } = await listAudit(database, {}, { limit: 2 });
  assert.deepEqual(
    items.map(({ verb, result, actor }) => [verb, result, actor.name]),
    [
      ['alert.unacknowledge', 'done', 'Alertmanager'],
      ['alert.acknowledge', 'done', 'Ana'],
    ],
  );
  await it.acts().hold(ANA, acknowledge);
  await it.pass(15);
  assert.deepEqual([it.one.live().length, it.two.live().length], [1, 1], 'it can be taken again');
});

test('an acknowledgement ends two minutes after its alert; a silence and what others made stay', async () => {
  const it = world();
  const common = { matchers: [], startsAt: it.clock.at, endsAt: it.clock.at + HOUR_MS, createdBy: 'Ana' };
  // Made before what holds was kept here.
  await it.one.put({ ...common, comment: `Acknowledged: HostDown [guardian:other ${FINGERPRINT}]` });
  await it.one.put({ ...common, comment: 'Silenced: HostGone [guardian:other bbbbbbbbbbbbbbb2]' });
  await it.one.put({ ...common, comment: 'Acknowledged: by hand' });
  const pass = async (seconds: number, held: readonly HeldAlertElsewhere[] | null): Promise<number> => {
    it.fires(held);
    await it.pass(seconds);
    return it.one.live().length;
  };
  assert.equal(await pass(0, [ALERT]), 3);
  assert.equal(it.two.live().length, 2, 'the other one has what carries the mark');
  assert.equal(await pass(15, []), 3);
  assert.equal(await pass(60, [ALERT]), 3, 'an Alertmanager that was restarted has it again');
  assert.equal(await pass(15, []), 3);
  assert.equal(await pass(110, null), 3, 'one that does not answer says nothing');
  assert.equal(await pass(15, []), 2);
  assert.deepEqual(
    it.one.live().map(({ comment }) => comment.split(':')[0]),
    ['Silenced', 'Acknowledged'],
  );
  assert.equal(await pass(15, []), 2, 'it is not put back');
  assert.equal(await pass(3600, []), 0);
  assert.deepEqual(await database.query('select fingerprint from elsewhere_hold'), []);
});
