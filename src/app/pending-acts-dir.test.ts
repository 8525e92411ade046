import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAct, type Act } from '../auth/act.ts';
import { recordSession } from '../auth/access.ts';
import { personActor } from '../auth/directory.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAudit } from '../store/verbs/audit/list-audit.ts';
import { createPendingActs, createPendingWriter } from './pending-acts-dir.ts';

const ANA = personActor({ id: 'ana', name: 'Ana', roles: ['operator'], identities: [] }, { channel: 'console', address: '10.0.0.1' });

test('what was done without the database gets its row later, once, with the time at which it was done', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-pending-'));
  const database = await openTestDatabase();
  t.after(async () => {
    await database.close();
    rmSync(root, { recursive: true });
  });
  const clock = { at: 1000, now: () => clock.at, monotonic: () => 0 };
  const { note } = createPendingActs(root, clock);
  note({ actor: ANA, verb: 'session.open', arguments: { session: 'abc', expires_at: 9_000_000 } });
  clock.at = 2000;
  note({ actor: ANA, verb: 'log.repair', arguments: {} });
  clock.at = 3000;
  note({ actor: ANA, verb: 'session.end', arguments: { session: 'abc' } });
  writeFileSync(join(root, 'audit-pending', 'x.json'), 'no');
  const real = createAct({ database, clock });
  let left = 1;
  // The database goes away after the first row was committed and before its file is gone.
  const act: Act = async (request, work) => {
    const value = await real(request, work);
    if (left-- === 1) throw new Error('gone');
    return value;
  };
  const write = createPendingWriter({ root, act, log: silentLog, work: recordSession });
  await write();
  await write();
  const rows = (await listAudit(database)).items.toReversed();
  assert.deepEqual(
    rows.map(({ verb, result, at }) => [verb, result, at]),
    [
      ['session.open', 'done', '1970-01-01T00:00:01.000Z'],
      ['log.repair', 'forbidden', '1970-01-01T00:00:02.000Z'],
      ['session.end', 'done', '1970-01-01T00:00:03.000Z'],
    ],
  );
  assert.deepEqual(readdirSync(join(root, 'audit-pending')), ['x.json.damaged']);
  const [session] = await database.query<{ ended_at: number; address: string }>('select * from access_session');
  assert.deepEqual([session?.ended_at, session?.address], [3000, '10.0.0.1']);
});
