import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SCOPES, type Actor } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { Database } from '../../database.ts';
import { openTestDatabase } from '../../test-database.ts';
import { audited } from './append-audit.ts';
import { canonicalJson } from './chain.ts';
import { verifyAudit } from './list-audit.ts';

const ANA: Actor = {
  id: LOCAL_ACTOR,
  kind: 'local',
  name: 'local program',
  claimed_name: 'ana',
  channel: 'local',
  address: null,
  scopes: SCOPES,
  role: 'admin',
  message_id: null,
};
let database: Database;
const heads: string[] = [];

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** What only somebody with the database in hand can do. */
const tamper = (sql: string) => database.exec(`alter table audit disable trigger all; ${sql}; alter table audit enable trigger all`);

beforeEach(async () => {
  await tamper('truncate audit, audit_head');
  heads.length = 0;
  for (let index = 1; index <= 5; index++) {
    const act = { actor: ANA, verb: 'feedback.reset', arguments: { all: true, share: 0.1 * index }, at: index } as const;
    await database.transaction((tx) => audited(tx, act, async () => ({ value: null, outcome: { result: 'done', after: { n: index } } })));
    heads.push((await verifyAudit(database)).head ?? '');
  }
});

test('rows can be added, and neither changed nor removed', async () => {
  for (const sql of ["update audit set hash = ''", 'delete from audit where number = 5', 'truncate audit'])
    await assert.rejects(database.exec(sql), /append-only/, sql);
  const { rows, fault, head } = await verifyAudit(database);
  assert.deepEqual([rows, fault, head], [5, null, heads[4]]);
});

const SWAP = `update audit set number = -1 where number = 2; update audit set number = 2 where number = 3;
  update audit set number = 3 where number = -1`;

for (const { what, sql, number, why } of [
  {
    what: 'a changed value',
    sql: `update audit set entry = jsonb_set(entry, '{after,n}', '9') where number = 3`,
    number: 3,
    why: 'changed',
  },
  {
    what: 'a changed actor',
    sql: `update audit set entry = jsonb_set(entry, '{actor,id}', '"bia"') where number = 1`,
    number: 1,
    why: 'changed',
  },
  { what: 'an added member', sql: `update audit set entry = entry || '{"x":1}' where number = 4`, number: 4, why: 'changed' },
  { what: 'a changed hash', sql: `update audit set hash = repeat('a', 64) where number = 2`, number: 2, why: 'changed' },
  { what: 'a removed row', sql: 'delete from audit where number = 3', number: 3, why: 'missing' },
  { what: 'a removed last row', sql: 'delete from audit where number = 5', number: 5, why: 'missing' },
  { what: 'all rows removed', sql: 'delete from audit', number: 1, why: 'missing' },
  { what: 'a removed first row', sql: 'delete from audit where number = 1', number: 1, why: 'missing' },
  { what: 'two rows in each other’s place', sql: SWAP, number: 2, why: 'changed' },
  {
    what: 'a removed row whose followers moved up',
    sql: 'delete from audit where number = 2; update audit set number = number - 1 where number > 2',
    number: 2,
    why: 'changed',
  },
  { what: 'a row from nowhere', sql: 'insert into audit select 0, entry, hash from audit where number = 1', number: 1, why: 'unlinked' },
] as const) {
  test(`${what} is found, and the first bad row named`, async () => {
    await tamper(sql);
    assert.deepEqual((await verifyAudit(database)).fault, { number, why });
  });
}

test('a row that was rebuilt with a hash of its own is found at the next one', async () => {
  const [row] = await database.query<{ entry: object }>('select entry from audit where number = 2');
  const entry = { ...row?.entry, result: 'refused' };
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(canonicalJson(entry)).digest('hex');
  await tamper(`update audit set entry = '${JSON.stringify(entry)}', hash = '${hash}' where number = 2`);
  assert.deepEqual((await verifyAudit(database)).fault, { number: 3, why: 'unlinked' });
});

test('the newest row, rebuilt with a hash of its own, is found', async () => {
  const [row] = await database.query<{ entry: object }>('select entry from audit where number = 5');
  const entry = { ...row?.entry, result: 'refused' };
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(canonicalJson(entry)).digest('hex');
  await tamper(`update audit set entry = '${JSON.stringify(entry)}', hash = '${hash}' where number = 5`);
  assert.deepEqual((await verifyAudit(database)).fault, { number: 5, why: 'unlinked' });
});

test('what was removed at the end stays missed when the audit goes on', async () => {
  await tamper('delete from audit where number = 5');
  await database.transaction((tx) =>
    audited(tx, { actor: ANA, verb: 'feedback.reset', arguments: {}, at: 0 }, async () => ({ value: null, outcome: { result: 'done' } })),
  );
  assert.deepEqual((await verifyAudit(database)).fault, { number: 5, why: 'missing' });
});

test('a cut tail is found by a hash that was noted before, and one that only grew is not', async () => {
  assert.equal((await verifyAudit(database, heads[2])).hasNoted, true);
  await tamper(
    'delete from audit where number > 3; update audit_head set (number, hash) = (select number, hash from audit where number = 3)',
  );
  assert.equal((await verifyAudit(database)).fault, null, 'whoever changes both places leaves no trace in them');
  assert.equal((await verifyAudit(database, heads[4])).hasNoted, false);
  assert.equal((await verifyAudit(database, heads[2])).hasNoted, true);
});

test('canonical JSON does not depend on the order of keys', () => {
  assert.equal(canonicalJson({ b: [1, { d: null, c: 'é' }], a: 0.1, z: undefined }), '{"a":0.1,"b":[1,{"c":"é","d":null}]}');
});
