import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Database } from './database.ts';
import { openTestDatabase } from './test-database.ts';

const MINUTE = 1_772_366_400_000;

let database: Database;
before(async () => {
  database = await openTestDatabase();
  await database.exec(`
    insert into minute_count values (${MINUTE}, 'approved', '00', 'm-1', 'a', 90, 1, 0), (${MINUTE}, 'denied', '51', 'm-1', 'a', 10, 1, 0);
    insert into minute_slice select minute, status, auth_code, acquirer, count, amount from minute_count;
    insert into minute values (${MINUTE}, 'observed', 100, 0, 3, false, true, true, ${MINUTE});
    insert into minute_score values ('status:denied', ${MINUTE}, 0, 10, 9, 5, 14, 0, 0, 0, 'normal');
    insert into anomaly values ('an_1', 'no_data', 'open', 'critical', 'fleet', '', '', '', '', ${MINUTE}, ${MINUTE}, null, false, 1, '{}');
    insert into audit values (1, '{"at": "2026-03-01T12:00:00Z", "actor": {"name": "Ana"}, "verb": "alert.ack", "result": "done"}', 'h');
    insert into transaction_key values ('tx-1', ${MINUTE}, 'h');
    insert into transaction (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)
      values ('tx-1', ${MINUTE}, ${MINUTE}, 'approved', 1, 's', false, 'h')`);
});
after(() => database.close());

test('every query of the documents runs and finds what it is for', async () => {
  const hasTimescale = (await database.query("select 1 from pg_extension where extname = 'timescaledb'")).length > 0;
  let run = 0;
  const text = await readFile(new URL('../../docs/sql.md', import.meta.url), 'utf8');
  for (const [, query = ''] of text.matchAll(/```sql\n(.*?)```/gs)) {
    if (query.startsWith('-- TimescaleDB') && !hasTimescale) continue;
    const rows = await database.query(query);
    assert.ok(rows.length > 0, query);
    run += 1;
  }
  assert.ok(run >= 8, `${run} queries`);
});
