import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { createSizeCap } from './size-cap.ts';
import { openTestDatabase, silentLog } from './test-database.ts';
import { measureRaw, readStoreBytes, rebuildIndex } from './verbs/store-size.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-22T12:30:00Z');
let now = NOW;
const clock: Clock = { now: () => now, monotonic: () => performance.now() };

async function openScene(t: TestContext) {
  const database = await openTestDatabase();
  t.after(() => database.close());
  const metrics = new Registry();
  const cap = (maxBytes: number, registry = metrics) =>
    createSizeCap({ database, clock, log: silentLog, metrics: registry }, { maxBytes, rawRetentionDays: 30, pauseMs: 0 });
  return { database, cap, metrics };
}

/** Rows that arrived in the hour `hoursAgo`, counted once in their minutes. */
const addHour = (database: Database, hoursAgo: number, rows: number) =>
  database.query(
    `insert into transaction_before (id, occurred_at, ingested_at, status, count, merchant_id, source, backfill, content_hash)
     select $1 || '-' || md5(n::text), $2::bigint + n, $2::bigint + n, 'approved', 1, 'm-1', 's', false, md5(n::text)
     from generate_series(1, $3::int) as n`,
    [`h${hoursAgo}`, Math.floor(NOW / HOUR) * HOUR - hoursAgo * HOUR, rows],
  );
const hoursLeft = async (database: Database): Promise<number[]> => {
  const rows = await database.query<{ ago: number }>(
    `select distinct ($1::bigint - ingested_at) / ${HOUR} as ago from transaction order by 1`,
    [Math.floor(NOW / HOUR) * HOUR + HOUR - 1],
  );
  return rows.map(({ ago }) => ago);
};

test('a database above its cap loses its oldest hours of raw transactions, no more than it must, and says so', async (t) => {
  const { database, cap, metrics } = await openScene(t);
  const empty = await readStoreBytes(database);
  for (let hour = 20; hour >= 0; hour -= 1) await addHour(database, hour, 4000);
  await database.query(`insert into minute_count values ($1, 'approved', '', '', '', 84000, 0, 0)`, [NOW - 20 * HOUR]);
  const full = await readStoreBytes(database);
  const none = cap(0);
  await none.look();
  assert.equal((await hoursLeft(database)).length, 21, 'no cap removes nothing');

  // Room for about half of the rows.
  const maxBytes = Math.round(empty + (full - empty) / 2);
  const stage = cap(maxBytes, new Registry());
  await stage.look();
  const left = await hoursLeft(database);
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, hour) => hour),
    'the newest hours are left, without a hole',
  );
  assert.ok(left.length >= 3 && left.length <= 11, `${left.length} hours are left`);
  const removed = 84_000 - left.length * 4000;
  const { status, reasons = [] } = stage.health();
  assert.equal(status, 'ok');
  const before = new Date(Math.floor(NOW / HOUR) * HOUR - (left.length - 1) * HOUR).toISOString();
  assert.match(detailOf({ reasons }), new RegExp(`removed ${removed} raw transactions that arrived before ${before}`));
  assert.deepEqual(await database.query('select sum(count)::int as n from minute_count'), [{ n: 84_000 }]);
  assert.match(await metrics.metrics(), /guardian_store_bytes \d{7}/);

  // The room inside is used before any more goes: also after a restart.
  const again = cap(maxBytes, new Registry());
  await again.look();
  assert.deepEqual(await hoursLeft(database), left);
  assert.match(detailOf(again.health()), new RegExp(`removed ${removed} raw`), 'a restart still knows');
});

test('what cannot be kept below the cap without counts is reported, and the newest hour stays', async (t) => {
  const { database, cap } = await openScene(t);
  for (const hour of [3, 2, 0]) await addHour(database, hour, 500);
  const stage = cap(1_000_000);
  await stage.look();
  assert.deepEqual(await hoursLeft(database), [0]);
  const { status, reasons = [] } = stage.health();
  assert.equal(status, 'degraded');
  assert.match(detailOf({ reasons }), /store\.max_bytes is 1 MB.*counts, scores, anomalies and alerts are kept/);
});

test('an index that is mostly empty is built again, and what an earlier try has left behind goes', async (t) => {
  const { database } = await openScene(t);
  for (let hour = 20; hour >= 0; hour -= 1) await addHour(database, hour, 1000);
  const sizeOf = async (index: string): Promise<number> =>
    (await database.query<{ bytes: number }>('select pg_relation_size($1::regclass) as bytes', [index]))[0]?.bytes ?? 0;
  assert.deepEqual((await measureRaw(database)).bloated, []);
  await database.query("delete from transaction_before where id not like 'h%-0%'");
  const { bloated } = await measureRaw(database);
  assert.deepEqual(bloated.map(({ index }) => index).toSorted(), ['transaction_before_arrival', 'transaction_before_pkey']);
  const before = await sizeOf('transaction_before_pkey');
  await database.exec(`create index transaction_before_pkey_ccnew on transaction_before (id);
    update pg_index set indisvalid = false where indexrelid = 'transaction_before_pkey_ccnew'::regclass`);
  await rebuildIndex(database, 'transaction_before_pkey');
  assert.ok((await sizeOf('transaction_before_pkey')) < before / 3);
  assert.deepEqual(await database.query("select to_regclass('transaction_before_pkey_ccnew') is null as gone"), [{ gone: true }]);
  assert.deepEqual(
    (await measureRaw(database)).bloated.map(({ index }) => index),
    ['transaction_before_arrival'],
  );
});

test('under a steady stream the files stay at the cap, hour after hour, and the newest rows are there', async (t) => {
  const { database, cap } = await openScene(t);
  t.after(() => (now = NOW));
  const maxBytes = (await readStoreBytes(database)) + 8_000_000;
  const stage = cap(maxBytes);
  const kept: number[] = [];
  for (let hour = 0; hour < 200; hour += 1) {
    now = NOW + hour * HOUR;
    await addHour(database, -hour, 1000);
    await stage.look();
    const bytes = await readStoreBytes(database);
    assert.ok(bytes <= maxBytes, `hour ${hour}: ${bytes} bytes, the cap is ${maxBytes}`);
    assert.equal(stage.health().status, 'ok', detailOf(stage.health()));
    const newest = Math.floor(NOW / HOUR) * HOUR + hour * HOUR;
    const [rows] = await database.query<{ n: number; newest: number }>(
      'select count(*)::int as n, (count(*) filter (where ingested_at >= $1::bigint))::int as newest from transaction',
      [newest],
    );
    assert.equal(rows?.newest, 1000, `hour ${hour}: the newest hour`);
    kept.push(rows?.n ?? 0);
  }
  // There is room for 27 000 rows. A removal takes some hours at once, the last as the first: what an index cannot use again is given back.
  const settled = kept.slice(50);
  const mean = settled.reduce((sum, n) => sum + n, 0) / settled.length;
  assert.ok(mean >= 19_000, `${mean} rows in the mean`);
  assert.ok(Math.min(...settled) >= 12_000, `${Math.min(...settled)} rows at least`);
  assert.deepEqual(await database.query('select removed + (select count(*) from transaction) as n from early_removal'), [{ n: 200_000 }]);
});
