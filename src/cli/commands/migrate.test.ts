import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../clock.ts';
import { openPglite } from '../../store/pglite/open-pglite.ts';
import { silentLog } from '../../store/test-database.ts';
import { runInTest, testFolder } from '../test-run.ts';

test('migrate says what is pending, applies it once, and names what a newer program applied', async (t) => {
  const cwd = testFolder(t);
  const data = join(cwd, 'data');
  const run = (...args: string[]) => runInTest(['migrate', ...args, '--data_dir', data], { cwd });
  assert.deepEqual([(await run('status')).code, (await run('up')).code], [1, 1], 'a mistyped directory is not made');
  mkdirSync(join(data, 'bus'), { recursive: true });
  writeFileSync(join(data, 'bus', 'guardian.transactions.sqlite'), '');
  const before = await run('status');
  assert.equal(before.code, 3, before.err);
  assert.match(before.out, /^0001-core\.sql {2}pending$/m);
  assert.match(before.out, /^0 applied, \d+ pending$/m);

  const { applied } = JSON.parse((await run('up', '--json')).out) as { applied: string[] };
  assert.equal(applied[0], '0001-core.sql');
  const after = await run('status', '--json');
  const state = JSON.parse(after.out) as { applied: number; pending: number; migrations: { name: string; applied_at: string | null }[] };
  assert.deepEqual([after.code, state.applied, state.pending], [0, applied.length, 0]);
  assert.match(state.migrations[0]?.applied_at ?? '', /^\d{4}-\d\d-\d\dT/);

  const database = await openPglite({ dir: join(data, 'database'), log: silentLog, clock: systemClock });
  await database.query("insert into schema_migration (name, checksum, applied_at) values ('9999-later.sql', 'x', 0)");
  await database.close();
  const foreign = await run('status');
  assert.equal(foreign.code, 1);
  assert.match(foreign.out, /^9999-later\.sql {2}not known to this program/m);
  const refused = await run('up');
  assert.deepEqual([refused.code, /9999-later\.sql.*newer program/.test(refused.err)], [1, true], refused.err);
});
