import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import { createAct } from '../auth/act.ts';
import { personActor } from '../auth/directory.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { audited } from '../store/verbs/audit/append-audit.ts';
import { verifyAudit } from '../store/verbs/audit/list-audit.ts';
import { keepTables, restoreTables } from './kept-tables.ts';

const ACTOR = { id: LOCAL_ACTOR, kind: 'local', name: 'x', claimed_name: 'José', channel: 'local', address: null, scopes: SCOPES } as const;

test('a new database has the audit of the one before it, hash for hash, and goes on from there', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-audit-'));
  const [old, fresh] = [await openTestDatabase(), await openTestDatabase()];
  t.after(async () => {
    await Promise.all([old.close(), fresh.close()]);
    rmSync(root, { recursive: true });
  });
  const act = (database: typeof old, at: number) =>
    database.transaction((tx) =>
      audited(tx, { actor: ACTOR, verb: 'feedback.reset', arguments: { share: 0.1 }, at }, async () => ({
        value: null,
        outcome: { result: 'done' },
      })),
    );
  for (const at of [1, 2, 3]) await act(old, at);
  const { head } = await verifyAudit(old);
  await keepTables(root, old);
  await restoreTables(root, fresh);
  assert.equal((await verifyAudit(fresh)).head, head);
  assert.ok(!existsSync(join(root, 'audit-kept.ndjson')));
  await restoreTables(root, fresh);
  await act(fresh, 4);
  const { rows, fault, hasNoted } = await verifyAudit(fresh, head);
  assert.deepEqual([rows, fault, hasNoted], [4, null, true]);
});

test('a file that is left behind never changes an audit that is there', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-audit-'));
  const database = await openTestDatabase();
  t.after(async () => {
    await database.close();
    rmSync(root, { recursive: true });
  });
  const act = { actor: ACTOR, verb: 'feedback.reset', arguments: {}, at: 1 } as const;
  for (let n = 0; n < 2; n++)
    await database.transaction((tx) => audited(tx, act, async () => ({ value: null, outcome: { result: 'done' } })));
  await keepTables(root, database);
  await restoreTables(root, database);
  assert.deepEqual([(await verifyAudit(database)).rows, (await verifyAudit(database)).fault], [2, null]);
});

test('what was done for a message is known in the new database, too', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-audit-'));
  const [old, fresh] = [await openTestDatabase(), await openTestDatabase()];
  t.after(async () => {
    await Promise.all([old.close(), fresh.close()]);
    rmSync(root, { recursive: true });
  });
  const ana = { id: 'ana', name: 'Ana', roles: ['admin'], identities: [] } satisfies Person;
  const request = {
    actor: personActor(ana, { channel: 'telegram', messageId: 'c1/9' }),
    verb: 'feedback.reset',
    arguments: { all: true },
  } as const;
  const actOn = (database: Database, undone: number) =>
    createAct({ database, clock: { now: () => 1, monotonic: () => 1 } })(request, async () => ({
      value: { undone },
      outcome: { result: 'done' },
    }));
  assert.deepEqual(await actOn(old, 3), { undone: 3 });
  await keepTables(root, old);
  await restoreTables(root, fresh);
  assert.deepEqual(await actOn(fresh, 0), { undone: 3 });
});

test('silences and acknowledgements are kept, and the next one has a number of its own', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-audit-'));
  const [old, fresh] = [await openTestDatabase(), await openTestDatabase()];
  t.after(async () => {
    await Promise.all([old.close(), fresh.close()]);
    rmSync(root, { recursive: true });
  });
  const acknowledge = (database: Database, anomaly: string) =>
    database.query(
      `insert into alert_response (kind, anomaly_id, severity, by_id, by_name, at) values ('acknowledge', $1, 'critical', 'ana', 'Ana', 1)`,
      [anomaly],
    );
  await acknowledge(old, 'an_1');
  await acknowledge(old, 'an_2');
  await old.exec(`insert into silence (id, matchers, max_severity, starts_at, ends_at, reason, by_id, by_name, created_at, updated_at)
                  values ('s1', '[{"label":"merchant_id"}]', 'warning', 1, 2, 'x', 'ana', 'Ana', 1, 1);
                  insert into silence_hit values ('s1', 'f', 1, 1)`);
  await keepTables(root, old);
  await restoreTables(root, fresh);
  for (const table of ['silence', 'silence_hit', 'alert_response'])
    assert.deepEqual(await fresh.query(`select * from ${table}`), await old.query(`select * from ${table}`), table);
  await acknowledge(fresh, 'an_3');
  const [last] = await fresh.query<{ id: number }>('select max(id)::int as id from alert_response');
  assert.equal(last?.id, 3);
});
