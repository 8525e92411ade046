import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import { isGuardianError } from '../errors.ts';
import type { Database, Sql } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAudit } from '../store/verbs/audit/list-audit.ts';
import { createAct, type Act } from './act.ts';
import { personActor } from './directory.ts';

let database: Database;
let act: Act;
const clock = { at: 1_000, now: () => clock.at, monotonic: () => 0 };

before(async () => {
  database = await openTestDatabase();
  await database.exec('create table effect (n integer)');
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(
    'delete from effect; delete from act; alter table audit disable trigger all; delete from audit; delete from audit_head; alter table audit enable trigger all',
  );
  act = createAct({ database, clock });
  clock.at = 1_000;
});

const actor = (messageId: string | null, role: Role = 'operator', id = 'ana'): Actor =>
  personActor({ id, name: id, roles: [role], identities: [] }, { channel: 'telegram', messageId });
const effect = async (tx: Sql) => {
  await tx.query('insert into effect values (1)');
  const [{ n } = { n: 0 }] = await tx.query<{ n: number }>('select count(*)::int as n from effect');
  return { value: { n }, outcome: { result: 'done' as const, after: { n } } };
};
const give = (who: Actor, anomaly = 'an_1') => act({ actor: who, verb: 'feedback.give', arguments: { anomaly_id: anomaly } }, effect);
const effects = async () => (await database.query('select n from effect')).length;
const results = async () => (await listAudit(database)).items.map(({ actor: { id }, result, message_id }) => [id, result, message_id]);
const code = (wanted: 'AUTH_ROLE' | 'ACT_CONFLICT') => (error: unknown) => isGuardianError(error, wanted);

test('a message acts once; its repeat gets the stored outcome, also in another process', async () => {
  assert.deepEqual(await give(actor('c1/9')), { n: 1 });
  act = createAct({ database, clock });
  assert.deepEqual(await give(actor('c1/9')), { n: 1 });
  assert.equal(await effects(), 1);
  assert.deepEqual(await results(), [['ana', 'done', 'c1/9']]);
  assert.deepEqual(await give(actor('c1/10')), { n: 2 });
});

test('the same message twice at once acts once', async () => {
  const given = await Promise.all([give(actor('c1/9')), give(actor('c1/9')), give(actor('c1/9'))]);
  assert.deepEqual(given, [{ n: 1 }, { n: 1 }, { n: 1 }]);
  assert.deepEqual([await effects(), (await results()).length], [1, 1]);
});

test('without a message id each call acts', async () => {
  await give(actor(null));
  await give(actor(null));
  assert.equal(await effects(), 2);
});

test('a message id of another actor, verb or argument is a conflict and changes nothing', async () => {
  await give(actor('c1/9'));
  await assert.rejects(give(actor('c1/9', 'operator', 'bia')), code('ACT_CONFLICT'));
  await assert.rejects(give(actor('c1/9'), 'an_2'), code('ACT_CONFLICT'));
  await assert.rejects(
    act({ actor: actor('c1/9'), verb: 'feedback.withdraw', arguments: { anomaly_id: 'an_1' } }, effect),
    code('ACT_CONFLICT'),
  );
  assert.deepEqual([await effects(), (await results()).length], [1, 1]);
});

test('a role that does not allow it leaves a row and no effect; its repeat leaves nothing more', async () => {
  for (let n = 0; n < 2; n++) await assert.rejects(give(actor('c1/9', 'viewer')), code('AUTH_ROLE'));
  assert.deepEqual([await effects(), await results()], [0, [['ana', 'forbidden', 'c1/9']]]);
  await assert.rejects(give({ ...actor(null), role: null }), code('AUTH_ROLE'));
});

test('what fails leaves neither effect nor row nor memory of its message', async () => {
  const failing = act({ actor: actor('c1/9'), verb: 'feedback.give', arguments: { anomaly_id: 'an_1' } }, async (tx) => {
    await effect(tx);
    throw new Error('half-way');
  });
  await assert.rejects(failing, /half-way/);
  assert.deepEqual([await effects(), await results()], [0, []]);
  assert.deepEqual(await give(actor('c1/9')), { n: 1 });
});

test('the audit holds no card number and no secret, whatever the argument is called and whatever its type', async () => {
  const facts = {
    token: 'abc123',
    comment: 'card 4111 1111 1111 1111',
    pan: 1,
    nested: { n: 4111111111111111, password: 'x' },
    at: 1_764_349_423_000,
  };
  await act({ actor: actor(null), verb: 'feedback.give', arguments: facts }, effect);
  const [row] = (await listAudit(database)).items;
  const text = JSON.stringify(row);
  for (const secret of ['abc123', '4111 1111 1111 1111', '4111111111111111', '"x"']) assert.ok(!text.includes(secret), secret);
  assert.equal(row?.arguments['at'], 1_764_349_423_000);
});

test('messages are forgotten after a month, when no channel repeats them', async () => {
  await give(actor('c1/9'));
  clock.at += 31 * 86_400_000;
  await give(actor('c1/10'));
  assert.deepEqual((await database.query('select message_id from act')).length, 1);
});
