import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { systemClock } from '../../../clock.ts';
import { batchOf, idsOf, transaction } from '../../../raw/raw-under-test.ts';
import { createRawRows } from '../../../raw/rows/raw-rows.ts';
import type { Database } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { MIGRATIONS } from '../../migration-files.ts';
import { openPglite } from '../../pglite/open-pglite.ts';
import { removeTransactions } from '../../remove-transactions.ts';
import { createUpkeep } from '../../upkeep.ts';
import { openTestDatabase, silentLog, template } from '../../test-database.ts';
import { findTransaction } from './find-transaction.ts';
import { addMinuteCounts } from '../minute/add-minute-counts.ts';
import { dropPartitions, isPartitioned, makePartitions, MINUTE_COUNTS, TRANSACTIONS } from './time-partitions.ts';

const DAY = 86_400_000;
const OTHER = 'fedcba9876543210';

let database: Database;
/** The first day that has a table of its own: the one after that of the migration, which may be over by now. */
let TOMORROW = 0;
before(async () => {
  database = await openTestDatabase();
  TOMORROW = await borderOf('transaction');
});
after(() => database.close());

/** Where the tables of spans begin. */
async function borderOf(table: string): Promise<number> {
  const [row] = await database.query<{ border: number }>(
    `select substring(pg_get_expr(relpartbound, oid) from 'TO \\(''(\\d+)''\\)')::bigint as border from pg_class where relname = $1`,
    [`${table}_before`],
  );
  return row?.border ?? 0;
}

const admitTo = (to: Database, records: readonly ReturnType<typeof transaction>[], raw = createRawRows(to)) => {
  const sources = records.map((record, offset) => ({
    ...{ offset, key: '', headers: {}, publishedAt: 0 },
    value: Buffer.from(JSON.stringify(record)),
  }));
  return to.transaction((tx) => raw.admit(tx, batchOf(0, sources)));
};
const tablesOf = async (to: Database): Promise<Record<string, number>> => {
  const rows = await to.query<{ name: string; n: number }>(
    'select tableoid::regclass::text as name, count(*)::int as n from transaction group by 1 order by 1',
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
};
const nameOf = (at: number): string => `transaction_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`;
const STEPS = { signal: new AbortController().signal, pause: async () => undefined };

test('rows go to the table of their day, ids count once over all days, and retention drops whole days with their ids', async () => {
  const days = [TOMORROW - DAY, TOMORROW, TOMORROW + DAY, TOMORROW + 9 * DAY];
  const made = await makePartitions(database, TRANSACTIONS, { from: TOMORROW - 5 * DAY, to: TOMORROW + DAY + 1 });
  assert.deepEqual(made, [nameOf(TOMORROW), nameOf(TOMORROW + DAY)]);
  assert.deepEqual(await makePartitions(database, TRANSACTIONS, { from: TOMORROW, to: TOMORROW + DAY }), []);
  const raw = createRawRows(database);
  for (const [day, at] of days.entries()) {
    const many = Array.from({ length: 700 }, (_, index) => transaction(`${day}-${index}`, { ingested_at: at + index, amount: index }));
    assert.equal((await admitTo(database, many, raw)).records.length, 700);
  }
  assert.deepEqual(await tablesOf(database), {
    transaction_before: 700,
    [nameOf(TOMORROW)]: 700,
    [nameOf(TOMORROW + DAY)]: 700,
    transaction_later: 700,
  });
  const again = await admitTo(database, [
    ...days.map((_, day) => transaction(`${day}-5`, { ingested_at: TOMORROW + DAY })),
    transaction('1-6', { ingested_at: TOMORROW + 9 * DAY, content_hash: OTHER }),
    transaction('new', { ingested_at: TOMORROW }),
  ]);
  assert.deepEqual([idsOf(again), again.duplicates, again.conflicts.length], [['new'], days.length, 1]);
  for (const day of days.keys()) {
    const found = await raw.find(`${day}-699`);
    assert.equal(found.kind === 'kept' ? found.transaction.amount : undefined, 699);
  }

  // The table of a day that nobody had made takes what came meanwhile, from two processes at once.
  const both = await Promise.all(
    [1, 2].map(() => makePartitions(database, TRANSACTIONS, { from: TOMORROW + 9 * DAY, to: TOMORROW + 9 * DAY })),
  );
  assert.deepEqual(both.flat(), [nameOf(TOMORROW + 9 * DAY)]);
  assert.equal((await tablesOf(database))[nameOf(TOMORROW + 9 * DAY)], 700);
  assert.equal((await raw.find('3-699')).kind, 'kept');

  const removed = await removeTransactions({ database, clock: systemClock }, { before: TOMORROW + DAY + 300, ...STEPS });
  assert.deepEqual(removed, { tables: 1, transactions: 1701 });
  assert.deepEqual(await tablesOf(database), { [nameOf(TOMORROW + DAY)]: 700, [nameOf(TOMORROW + 9 * DAY)]: 700 });
  const kinds = await Promise.all(['1-5', '2-299', '2-300', '3-0'].map(async (id) => (await raw.find(id)).kind));
  assert.deepEqual(kinds, ['unknown', 'unknown', 'kept', 'kept']);
  assert.deepEqual(await dropPartitions(database, TRANSACTIONS, TOMORROW + DAY + 300), []);
});

test('one transaction of a day is found among all that no vacuum has seen', async () => {
  const at = TOMORROW + 20 * DAY;
  await makePartitions(database, TRANSACTIONS, { from: at, to: at });
  const raw = createRawRows(database);
  for (let part = 0; part < 5; part += 1) {
    const many = Array.from({ length: 2000 }, (_, index) => transaction(`v-${part}-${index}`, { ingested_at: at + part * 2000 + index }));
    await admitTo(database, many, raw);
  }
  const asked: Parameters<Database['query']>[] = [];
  const watched: Database = { ...database, query: (...of) => (asked.push(of), database.query(...of)) };
  assert.equal((await findTransaction(watched, 'v-3-77'))?.ingested_at, at + 6077);
  for (const [text, params] of asked) {
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off) ${text}`, params);
    const lines = plan.map((line) => line['QUERY PLAN']).join('\n');
    const [, hit = 0, read = 0] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(lines) ?? [];
    assert.ok(Number(hit) + Number(read) < 50, lines);
  }
});

test('a database of before goes on: what is there stays, its ids are known, and a program of before may not count beside a new one', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-undivided-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const name of readdirSync(fileURLToPath(MIGRATIONS))) if (name < '0047') cpSync(new URL(name, MIGRATIONS), join(dir, name));
  const old = await openPglite({ memory: true, log: silentLog, clock: systemClock, template: await template() });
  t.after(() => old.close());
  await migrate({ database: old, log: silentLog, clock: systemClock }, { plain: pathToFileURL(`${dir}/`) });
  const insertAsBefore = (id: string) =>
    old.query(
      `insert into transaction (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)
       values ($1, 1, $2, 'approved', 1, 's', false, '0123456789abcdef')`,
      [id, TOMORROW - 3 * DAY],
    );
  for (const id of ['a', 'b', 'c']) await insertAsBefore(id);
  await Promise.all([1, 2].map(() => migrate({ database: old, log: silentLog, clock: systemClock })));
  assert.deepEqual(await tablesOf(old), { transaction_before: 3 });

  await assert.rejects(insertAsBefore('d'), { code: 'STORE_UNAVAILABLE', retryable: true, message: /newer version/ });
  await assert.rejects(
    old.copy(
      'transaction (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)',
      'e\t1\t1\tapproved\t1\ts\tf\th\n',
    ),
    { code: 'STORE_UNAVAILABLE' },
  );
  await assert.rejects(old.exec('delete from transaction where ctid = any (array(select ctid from transaction where ingested_at < 9))'), {
    code: 'STORE_UNAVAILABLE',
  });
  await old.exec("delete from transaction where customer_id = 'who asked for it'");
  const admitted = await admitTo(old, [
    transaction('a'),
    transaction('d', { ingested_at: TOMORROW - 1 }),
    transaction('b', { content_hash: OTHER }),
    transaction('d', { ingested_at: TOMORROW }),
  ]);
  assert.deepEqual([idsOf(admitted), admitted.duplicates, admitted.conflicts.length], [['d'], 2, 1]);
  const many = Array.from({ length: 900 }, (_, index) => transaction(index === 7 ? 'c' : `n-${index}`));
  assert.equal((await admitTo(old, many)).records.length, 899);
  const raw = createRawRows(old);
  assert.deepEqual([...(await raw.known(['a', 'b', 'd', 'n-7', 'n-8'])).keys()].toSorted(), ['a', 'b', 'd', 'n-8']);
  assert.equal((await raw.find('b')).kind, 'kept');
  const removed = await removeTransactions({ database: old, clock: systemClock }, { before: TOMORROW - 2 * DAY, ...STEPS });
  assert.equal(removed.transactions, 3 + 899);
  assert.deepEqual(await tablesOf(old), { transaction_before: 1 });
});

test('on a server, counts of minutes go to the table of their week, add up there, and retention drops whole weeks', async (t) => {
  if (!(await isPartitioned(database, MINUTE_COUNTS))) return t.skip('the database is in a data directory');
  const week = 7 * DAY;
  const next = await borderOf('minute_count');
  const now = next + 2 * week + 3 * DAY;
  const made = await makePartitions(database, MINUTE_COUNTS, { from: next, to: next + week });
  assert.equal(made.length, 2);
  const cells = [-1, 0, 1, 2].map((weeks) => ({
    ...{ minute: next + weeks * week, status: 'approved', auth_code: '', merchant_id: 'm', acquirer: '', count: 2, amount: 1 },
  }));
  for (let time = 0; time < 2; time += 1) await addMinuteCounts(database, cells);
  const stored = () =>
    database.query('select tableoid::regclass::text as name, sum(count)::int as n from minute_count group by 1 order by min(minute)');
  const [first, second] = made;
  assert.deepEqual(await stored(), [
    { name: 'minute_count_before', n: 4 },
    { name: first, n: 4 },
    { name: second, n: 4 },
    { name: 'minute_count_later', n: 4 },
  ]);
  await assert.rejects(database.exec('delete from minute_count where ctid = any (array(select ctid from minute_count where minute < 9))'), {
    code: 'STORE_UNAVAILABLE',
  });
  await database.query('update window_closer set max_event_at = $1', [now]);
  const upkeep = createUpkeep(
    { database, clock: { now: () => now, monotonic: () => performance.now() }, log: silentLog },
    { rawRetentionDays: 3000, scoreRetentionDays: 3000, countRetentionDays: 8, notificationRetentionDays: 3000, pauseMs: 0 },
  );
  await upkeep.round();
  const third = `minute_count_${new Date(next + 2 * week).toISOString().slice(0, 10).replaceAll('-', '')}`;
  assert.deepEqual(await stored(), [
    { name: second, n: 4 },
    { name: third, n: 4 },
  ]);
});

test('a reader of a day keeps the retention of other things from nothing', async (t) => {
  if (!(await isPartitioned(database, MINUTE_COUNTS))) return t.skip('a data directory has one caller at a time');
  const ahead = TOMORROW + 40 * DAY;
  const [day] = await makePartitions(database, TRANSACTIONS, { from: ahead, to: ahead });
  await database.query(`insert into minute_score values ('fleet', 1, 0, 1, 1, 0, 2, 0, 0, 0, 'normal')`);
  const reading = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const report = database.transaction(async (tx) => {
    await tx.query(`select count(*) from ${day}`);
    reading.resolve();
    await done.promise;
  });
  await reading.promise;
  const now = ahead + 10 * DAY;
  const upkeep = createUpkeep(
    { database, clock: { now: () => now, monotonic: () => performance.now() }, log: silentLog },
    { rawRetentionDays: 1, scoreRetentionDays: 30, countRetentionDays: 3000, notificationRetentionDays: 3000, pauseMs: 0 },
  );
  await assert.rejects(upkeep.round(), { code: 'STORE_UNAVAILABLE' });
  assert.deepEqual(await database.query('select 1 from minute_score where minute = 1'), []);
  done.resolve();
  await report;
  await upkeep.round();
  assert.deepEqual(await database.query('select to_regclass($1) is null as gone', [day ?? '']), [{ gone: true }]);
});
