import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { audited } from '../store/verbs/audit/append-audit.ts';
import { verifyAudit } from '../store/verbs/audit/list-audit.ts';
import { keepAudit, restoreAudit } from './kept-audit.ts';

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
  await keepAudit(root, old);
  await restoreAudit(root, fresh);
  assert.equal((await verifyAudit(fresh)).head, head);
  assert.ok(!existsSync(join(root, 'audit-kept.ndjson')));
  await restoreAudit(root, fresh);
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
  await keepAudit(root, database);
  await restoreAudit(root, database);
  assert.deepEqual([(await verifyAudit(database)).rows, (await verifyAudit(database)).fault], [2, null]);
});
