import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import { createAct } from '../auth/act.ts';
import { createDirectory, personActor } from '../auth/directory.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAudit } from '../store/verbs/audit/list-audit.ts';
import { createOnCall, type OnCall } from './oncall.ts';

const PEOPLE: readonly Person[] = ['ana', 'bia'].map((id) => ({
  id,
  name: id === 'ana' ? 'Ana Souza' : 'Bia Lima',
  roles: ['operator'],
  identities: [],
}));
const at = (text: string): number => Date.parse(text);
const ANA = personActor(PEOPLE[0] as Person, { channel: 'telegram', messageId: null });
let database: Database;
let oncall: OnCall;
const clock = { at: 0, now: () => clock.at, monotonic: () => 0 };

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(
    'truncate oncall_change, act; alter table audit disable trigger all; truncate audit, audit_head; alter table audit enable trigger all',
  );
  clock.at = at('2026-11-25T12:00:00Z');
  const act = createAct({ database, clock });
  oncall = createOnCall({
    database,
    clock,
    act,
    directory: createDirectory(PEOPLE),
    schedules: [
      { name: 'night', layers: [{ people: ['ana', 'bia'], starts: '2026-11-02', hand_over: '08:00', every: 'weekly', holidays: 'yes' }] },
    ],
    timeZone: 'America/Sao_Paulo',
    holidays: [],
  });
});

const who = async (text: string) => (await oncall.at(at(text)))[0]?.person?.id;

test('it says who is on call, until when and who is next, by name', async () => {
  const [now] = await oncall.at(clock.at);
  assert.deepEqual(now, {
    schedule: 'night',
    time_zone: 'America/Sao_Paulo',
    person: { id: 'bia', name: 'Bia Lima' },
    until: '2026-11-30T11:00:00.000Z',
    next: { person: { id: 'ana', name: 'Ana Souza' }, at: '2026-11-30T11:00:00.000Z' },
    change_id: null,
  });
});

test('an override puts somebody else there while it lasts, is audited, and can be taken back once', async () => {
  const input = { schedule: 'night', person: 'ana', starts_at: '2026-11-26T00:00:00Z', ends_at: '2026-11-26T08:00:00Z', reason: 'doctor' };
  const outcome = await oncall.override(ANA, input);
  assert.equal(outcome.kind, 'done');
  assert.deepEqual(
    [await who('2026-11-25T23:59:00Z'), await who('2026-11-26T00:00:00Z'), await who('2026-11-26T08:00:00Z')],
    ['bia', 'ana', 'bia'],
  );
  const [change] = await oncall.changes();
  assert.deepEqual([change?.person.name, change?.created_by.id, change?.reason], ['Ana Souza', 'ana', 'doctor']);
  // Half of it is over: it counts no more from now on.
  clock.at = at('2026-11-26T04:00:00Z');
  assert.equal(await oncall.end(ANA, change?.id ?? ''), true);
  assert.equal(await oncall.end(ANA, change?.id ?? ''), false);
  assert.deepEqual(await oncall.changes(), [], 'what was taken back is in no list');
  assert.deepEqual([await who('2026-11-26T03:00:00Z'), await who('2026-11-26T04:00:00Z')], ['ana', 'bia']);
  assert.deepEqual(
    (await listAudit(database)).items.toReversed().map(({ verb, result }) => [verb, result]),
    [
      ['oncall.override', 'done'],
      ['oncall.end_change', 'done'],
      ['oncall.end_change', 'not_found'],
    ],
  );
});

test('a swap exchanges two whole shifts, and both halves are taken back together', async () => {
  const outcome = await oncall.swap(ANA, { schedule: 'night', at: '2026-11-27T00:00:00Z', with: '2026-12-03T00:00:00Z' });
  assert.ok(outcome.kind === 'done');
  const shifts = await oncall.shifts('night', at('2026-11-23T11:00:00Z'), at('2026-12-14T11:00:00Z'));
  assert.deepEqual(
    shifts?.map(({ person, starts_at }) => [person?.id, starts_at.slice(0, 10)]),
    [
      ['ana', '2026-11-23'],
      ['bia', '2026-11-30'],
    ],
  );
  assert.equal(await oncall.end(ANA, outcome.changes[1]?.id ?? ''), true);
  assert.deepEqual([await who('2026-11-27T00:00:00Z'), await who('2026-12-03T00:00:00Z')], ['bia', 'ana']);
});

test('the same message twice changes once', async () => {
  const ana = { ...ANA, message_id: 'c1/9' };
  const input = { schedule: 'night', at: '2026-11-27T00:00:00Z', with: '2026-12-03T00:00:00Z' };
  const [first, again] = [await oncall.swap(ana, input), await oncall.swap(ana, input)];
  assert.deepEqual(again, first);
  assert.equal((await oncall.changes()).length, 2);
});

test('what cannot be is refused by field and rule, and leaves nothing', async () => {
  const override = { schedule: 'night', person: 'ana', starts_at: '2026-11-26T00:00:00Z', ends_at: '2026-11-26T08:00:00Z' };
  const swap = { schedule: 'night', at: '2026-11-27T00:00:00Z', with: '2026-12-03T00:00:00Z' };
  for (const [outcome, field, rule] of [
    [await oncall.override(ANA, { ...override, schedule: 'day' }), 'schedule', 'schedule'],
    [await oncall.override(ANA, { ...override, person: 'zoe' }), 'person', 'person'],
    [await oncall.override(ANA, { ...override, ends_at: override.starts_at }), 'ends_at', 'time_order'],
    [await oncall.override(ANA, { ...override, ends_at: '2028-11-26T00:00:00Z' }), 'ends_at', 'too_long_change'],
    [await oncall.swap(ANA, { ...swap, at: '2026-10-01T00:00:00Z' }), 'at', 'no_shift'],
    [await oncall.swap(ANA, { ...swap, with: '2026-11-28T00:00:00Z' }), 'with', 'same_person'],
  ] as const)
    assert.deepEqual(outcome, { kind: 'problem', field, rule });
  assert.deepEqual([await oncall.changes(), (await listAudit(database)).items], [[], []]);
});
