import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { AuditEntry, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import { prepareDataDir } from '../../app/data-dir.ts';
import { systemClock } from '../../clock.ts';
import { migrate } from '../../store/migrate.ts';
import { openPglite } from '../../store/pglite/open-pglite.ts';
import { silentLog, template } from '../../store/test-database.ts';
import { audited } from '../../store/verbs/audit/append-audit.ts';
import { FIRST_PREVIOUS, hashOfEntry } from '../../store/verbs/audit/chain.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

function chain(n: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let number = 1; number <= n; number++) {
    const entry: AuditEntry = {
      number,
      at: '2026-11-22T03:14:00.000Z',
      actor: { id: LOCAL_ACTOR, kind: 'local', name: 'local program', claimed_name: 'ana' },
      channel: 'local',
      address: '127.0.0.1',
      verb: 'feedback.reset',
      arguments: { all: true },
      result: 'done',
      before: { in_force: 1 },
      after: null,
      previous: rows.at(-1)?.hash ?? FIRST_PREVIOUS,
    };
    rows.push({ ...entry, hash: hashOfEntry(entry) });
  }
  return rows;
}

/** Lists rows two a page. */
const serve = (t: Parameters<typeof testServer>[0], rows: readonly AuditRow[], head: AuditRow | null = null) =>
  testServer(t, (request, response) => {
    const from = Number(new URL(request.url ?? '', 'http://x').searchParams.get('cursor') ?? 0);
    const items = rows.toReversed().slice(from, from + 2);
    const next_cursor = from + 2 < rows.length ? String(from + 2) : null;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items, head, next_cursor }));
  });

test('verify reads every page of a server, checks it here and prints the newest hash', async (t) => {
  const rows = chain(5);
  const run = { cwd: testFolder(t) };
  const good = await runInTest(['audit', 'verify', '--url', await serve(t, rows)], run);
  assert.deepEqual([good.code, good.out.trim()], [0, `5 rows, chain intact. Newest hash: ${rows[4]?.hash}`]);
  const changed = rows.map((row) => (row.number === 3 ? { ...row, result: 'refused' as const } : row));
  const bad = await runInTest(['audit', 'verify', '--url', await serve(t, changed)], run);
  assert.deepEqual([bad.code, bad.out.includes('Row 3 of the audit was changed')], [1, true], bad.out);
  const removed = await runInTest(['audit', 'verify', '--url', await serve(t, rows.slice(0, 4), rows[4])], run);
  assert.deepEqual([removed.code, removed.out.includes('Row 5 of the audit is missing')], [1, true], removed.out);
  const cut = await runInTest(['audit', 'verify', '--head', rows[4]?.hash ?? '', '--url', await serve(t, rows.slice(0, 4))], run);
  assert.deepEqual([cut.code, /The audit was cut: none of its 4 rows/.test(cut.out)], [1, true], cut.out);
  const wrong = await runInTest(['audit', 'verify', '--head', 'abc'], run);
  assert.deepEqual([wrong.code, /64 hexadecimal digits/.test(wrong.err)], [2, true], wrong.err);
});

test('list says who claims to be whom, and takes only verbs that there are', async (t) => {
  const run = { cwd: testFolder(t) };
  const { out } = await runInTest(['audit', 'list', '--url', await serve(t, chain(1))], run);
  assert.match(out, /local \(claims to be ana\) {2}local 127\.0\.0\.1 {2}feedback\.reset {2}done {2}\{"all":true\}/);
  assert.equal((await runInTest(['audit', 'list', '--verb', 'x'], run)).code, 2);
  const ofAna = chain(1).map((row) => ({ ...row, actor: { id: 'ana', kind: 'person' as const, name: 'Ana Souza', claimed_name: null } }));
  assert.match((await runInTest(['audit', 'list', '--url', await serve(t, ofAna)], run)).out, / {2}Ana Souza \(ana\) {2}/);
});

test('without a server both commands read the data directory', async (t) => {
  const cwd = testFolder(t);
  const args = ['--data_dir', join(cwd, 'data')];
  const mistyped = await runInTest(['audit', 'verify', ...args], { cwd });
  assert.deepEqual([mistyped.code, /no log/.test(mistyped.err)], [1, true], 'a directory that is none is not a good audit');
  const dir = await prepareDataDir(join(cwd, 'data'));
  writeFileSync(join(dir.bus, 'guardian.transactions.sqlite'), '');
  assert.match((await runInTest(['audit', 'verify', ...args], { cwd })).out, /no rows/);
  const database = await openPglite({ dir: dir.database, log: silentLog, clock: systemClock, template: await template() });
  await migrate({ database, log: silentLog, clock: systemClock });
  const actor = { id: LOCAL_ACTOR, kind: 'local', name: 'x', claimed_name: null, channel: 'local', address: null, scopes: SCOPES } as const;
  const act = { actor, verb: 'feedback.reset', arguments: {}, at: 1 } as const;
  await database.transaction((tx) => audited(tx, act, async () => ({ value: null, outcome: { result: 'done' } })));
  await database.close();
  const verified = await runInTest(['audit', 'verify', ...args], { cwd });
  assert.deepEqual([verified.code, verified.out.startsWith('1 row, chain intact')], [0, true], verified.out + verified.err);
  assert.match((await runInTest(['audit', 'list', ...args], { cwd })).out, /feedback\.reset {2}done/);
});
