import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { compareTables, copyTables, endCopy } from './copy-tables.ts';
import { openTestDatabase } from './test-database.ts';

async function two(t: TestContext) {
  const [from, to] = [await openTestDatabase(), await openTestDatabase()];
  t.after(() => Promise.all([from.close(), to.close()]));
  await from.exec(`
    insert into minute_count select n * 60000, 'approved', '', 'm-' || n % 7, '', n, n / 3.0, 0 from generate_series(1, 95) as n;
    insert into alert_response (kind, anomaly_id, severity, by_id, by_name, at) select 'snooze', 'an_' || n, 'critical', 'ana', 'Ana\tSouza "é" \\', n from generate_series(1, 12) as n;
    update window_closer set max_event_at = 5, sequence = 7;
    insert into detector_snapshot (name, next_offset, sequence, detector_version, config_hash, taken_at, body) values ('main', 3, 1, 'v', 'h', 1, '\\x00ff0a5c');
    insert into outbox (topic, key, value) values ('t', 'k', '{"a": [1, null, "x"]}'), ('t', 'k', 'second')`);
  return { from, to };
}

test('every row is there after a copy that was broken off again and again, and numbers go on', async (t) => {
  const { from, to } = await two(t);
  let pages = 0;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    let left = 3;
    const copying = copyTables(from, to, {
      pageRows: 10,
      onPage() {
        pages += 1;
        if (--left === 0) throw new Error('broken off');
      },
    });
    if (
      await copying.then(
        () => true,
        () => false,
      )
    )
      break;
  }
  assert.ok(pages > 10, String(pages));
  const compared = await compareTables(from, to);
  assert.deepEqual(
    compared.filter(({ same }) => !same),
    [],
  );
  assert.equal(compared.find(({ table }) => table === 'minute_count')?.to, 95);
  await endCopy(to);
  await to.query(`insert into outbox (topic, key, value) values ('t', 'k', 'v')`);
  assert.deepEqual(await to.query('select max(id) as id, count(*)::int as n from outbox'), [{ id: 3, n: 3 }]);
});

test('a database that somebody uses is not copied to, and a row that differs is found', async (t) => {
  const { from, to } = await two(t);
  await to.exec(`insert into minute_count values (60000, 'approved', '', 'm-1', '', 1, 1, 0)`);
  await assert.rejects(copyTables(from, to), { code: 'STORE_REFUSED', message: /minute_count/ });
  await to.exec('delete from minute_count');
  await copyTables(from, to);
  await to.exec('update minute_count set amount = amount + 0.25 where minute = 600000');
  assert.deepEqual(
    (await compareTables(from, to)).filter(({ same }) => !same),
    [{ table: 'minute_count', from: 95, to: 95, same: false }],
  );
});
