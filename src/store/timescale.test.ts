import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { anomalyOf } from '../alert/test-anomaly.ts';
import { MINUTE_MS, systemClock } from '../clock.ts';
import { createFleetMinutes } from '../read/fleet-minutes.ts';
import { createMerchantReader } from '../read/merchant-reader.ts';
import { parseNode, readSeries } from '../read/series-reader.ts';
import { batchOf, idsOf, transaction } from '../raw/raw-under-test.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { FOLDERS, readMigrations } from './migration-files.ts';
import { removeTransactions } from './remove-transactions.ts';
import { readSchemaState } from './schema-state.ts';
import { openTestDatabase, silentLog } from './test-database.ts';
import { openTimescale } from './test-timescale.ts';
import { createUpkeep } from './upkeep.ts';
import { countAnomalies, listAnomalies } from './verbs/anomaly/list-anomalies.ts';
import { writeAnomalies } from './verbs/anomaly/write-anomalies.ts';
import { addMinuteCounts } from './verbs/minute/add-minute-counts.ts';
import { readBytesOfDays } from './verbs/store-size.ts';
import { findKnownIds } from './verbs/transaction/find-known-ids.ts';
import { findTransaction } from './verbs/transaction/find-transaction.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** The beginning of a chunk. */
const START = WEEK * 2900;
const WEEKS = 5;
/** One minute in six hours over five weeks, three merchants, two statuses. */
const MINUTES = Array.from({ length: WEEKS * 28 }, (_, index) => START + index * 6 * 60 * MINUTE_MS);
const NEWEST = MINUTES.at(-1) ?? 0;
/** Transactions came four days ago, by the wall clock. */
const ARRIVED = (Math.floor(Date.now() / DAY) - 4) * DAY;

async function fill(database: Database): Promise<void> {
  const changes = MINUTES.flatMap((minute, index) =>
    ['m-1', 'm-2', 'm-3'].flatMap((merchant_id, m) =>
      ['approved', 'denied'].map((status, s) => ({
        ...{ minute, status, merchant_id, auth_code: s === 0 ? '00' : '51', acquirer: `acq-${m % 2}` },
        ...{ count: 1 + ((index * 7 + m * 3 + s) % 11), amount: index + m / 4 },
      })),
    ),
  );
  await database.transaction((tx) => addMinuteCounts(tx, changes));
  await database.exec(`
    insert into minute_slice select minute, status, auth_code, acquirer, sum(count), sum(amount) from minute_count group by 1, 2, 3, 4;
    insert into minute select minute, 'observed', sum(count), 0, 0, false, true, true, minute + 60000 from minute_slice group by 1;
    update window_closer set max_event_at = ${NEWEST}, last_closed = ${NEWEST};
    insert into transaction_key select 'tx-' || n, ${ARRIVED} + n * 1000, 'h' || n from generate_series(1, 500) as n;
    insert into transaction (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)
      select 'tx-' || n, ${START} + n, ${ARRIVED} + n * 1000, 'approved', 1, 'test', false, 'h' || n from generate_series(1, 500) as n;`);
  const anomalies = MINUTES.filter((_, index) => index % 10 === 0).map((minute, index): Anomaly => {
    const begin = new Date(minute).toISOString();
    const isOver = index % 3 !== 0;
    return anomalyOf({
      id: `an_${index}`,
      started_at: begin,
      detected_at: begin,
      updated_at: begin,
      status: isOver ? 'resolved' : 'open',
      resolved_at: isOver ? new Date(minute + 600_000).toISOString() : null,
    });
  });
  await database.transaction((tx) =>
    writeAnomalies(
      tx,
      anomalies.map((anomaly, sequence) => ({ v: 1, event: 'opened', sequence, anomaly })),
    ),
  );
}

/** What the routes of the API read. */
async function answers(database: Database): Promise<unknown> {
  const range = { from: START + 3 * DAY, to: NEWEST + MINUTE_MS };
  const series: unknown[] = [];
  for (const node of ['fleet', 'status:denied', 'acquirer:acq-1', 'auth_code:51', 'merchant:m-2'])
    series.push(await readSeries(database, createFleetMinutes(database), node, parseNode(node) ?? {}, range));
  const clock = { now: () => NEWEST + MINUTE_MS, monotonic: () => 0 };
  const merchants = createMerchantReader(
    database,
    { time: async () => ({ state: 'live', now: NEWEST + MINUTE_MS, lastMinute: NEWEST }) },
    clock,
  );
  const period = { from: START + WEEK, to: START + 3 * WEEK };
  return {
    series,
    merchants: await merchants.read(100),
    anomalies: await listAnomalies(database, period, { limit: 5 }),
    open: await countAnomalies(database, { state: 'open' }),
    transaction: await findTransaction(database, 'tx-250'),
    known: [...(await findKnownIds(database, ['tx-1', 'tx-500', 'tx-501']))],
  };
}

describe('a database with TimescaleDB', { timeout: 600_000 }, () => {
  let plain: Database;
  let divided: Database;
  before(async () => {
    [plain, divided] = [await openTestDatabase(), await openTimescale()];
    // Rows that are there before the extension is move into the chunks.
    await migrate({ database: divided, log: silentLog, clock: systemClock }, { plain: FOLDERS.plain });
    await fill(divided);
    // As on a server that has lived without the extension: counts in tables of weeks.
    const weeks = await readFile(new URL('0048-minute-count-weeks.sql', FOLDERS.plain), 'utf8');
    await divided.exec(weeks.replace(/if version\(\).*?end if;/s, ''));
    await migrate({ database: divided, log: silentLog, clock: systemClock });
    await fill(plain);
  });
  after(() => Promise.all([plain.close(), divided.close()]));

  const chunks = (table: string) =>
    divided.query<{ is_compressed: boolean }>(
      'select is_compressed from timescaledb_information.chunks where hypertable_name = $1 order by range_start_integer',
      [table],
    );
  const job = async (what: string): Promise<{ readonly run: string; readonly failures: number; readonly successes: number }> => {
    const [found] = await divided.query<{ job_id: number }>(
      `select job_id from timescaledb_information.jobs j left join timescaledb_information.continuous_aggregates c
         on c.materialization_hypertable_name = j.hypertable_name
       where $1 in (j.proc_name || ' ' || coalesce(c.view_name, j.hypertable_name))`,
      [what],
    );
    assert.ok(found !== undefined, what);
    await divided.exec(`call run_job(${found.job_id})`);
    const [stats] = await divided.query<{ run: string; failures: number; successes: number }>(
      'select last_run_status as run, total_failures as failures, total_successes as successes from timescaledb_information.job_stats where job_id = $1',
      [found.job_id],
    );
    return stats ?? { run: 'never', failures: 0, successes: 0 };
  };

  test('all migrations are applied, once', async () => {
    assert.deepEqual(await migrate({ database: divided, log: silentLog, clock: systemClock }), []);
    const states = await readSchemaState(divided, await readMigrations(FOLDERS));
    assert.ok(states.some(({ name }) => name.startsWith('timescale/')));
    assert.deepEqual(
      states.filter(({ state }) => state !== 'applied'),
      [],
    );
    assert.equal((await chunks('minute_count')).length, WEEKS);
  });

  test('gives the API the same answers as plain tables, also of compressed chunks', async () => {
    assert.deepEqual(await answers(divided), await answers(plain));
    const compressed = await job('policy_compression minute_count');
    await job('policy_compression minute_slice');
    assert.equal(compressed.failures ?? 0, 0);
    assert.deepEqual(
      (await chunks('minute_count')).map((chunk) => chunk.is_compressed),
      [true, true, false, false, false],
    );
    assert.deepEqual(await answers(divided), await answers(plain));
  });

  test('late records correct compressed minutes, and hours and days follow', async () => {
    const late = { minute: MINUTES[2] ?? 0, status: 'denied', merchant_id: 'm-1', auth_code: '51', acquirer: 'acq-0', count: 5, amount: 1 };
    for (const database of [plain, divided]) await database.transaction((tx) => addMinuteCounts(tx, [late]));
    assert.deepEqual(await answers(divided), await answers(plain));
    for (const [view, bucket, ms] of [
      ['hour_count', 'hour', 3_600_000],
      ['day_count', 'day', DAY],
    ] as const) {
      const refreshed = await job(`policy_refresh_continuous_aggregate ${view}`);
      assert.equal(refreshed.failures ?? 0, 0);
      const sums = `sum(count)::bigint as count, sum(amount) as amount`;
      assert.deepEqual(
        await divided.query(`select ${bucket} as at, merchant_id, status, count::bigint, amount from ${view} order by 1, 2, 3`),
        await plain.query(
          `select minute / ${ms} * ${ms} as at, merchant_id, status, ${sums} from minute_count group by 1, 2, 3 order by 1, 2, 3`,
        ),
        view,
      );
    }
  });

  test('single transactions are divided by days of arrival, found when compressed, counted once over all days, and dropped by days', async () => {
    assert.equal((await chunks('transaction')).length, 1);
    const raw = createRawRows(divided);
    const admit = (...records: ReturnType<typeof transaction>[]) => {
      const sources = records.map((record, offset) => ({
        offset,
        key: '',
        headers: {},
        publishedAt: 0,
        value: Buffer.from(JSON.stringify(record)),
      }));
      return divided.transaction((tx) => raw.admit(tx, batchOf(0, sources)));
    };
    const many = Array.from({ length: 600 }, (_, index) => transaction(`new-${index}`, { ingested_at: ARRIVED + 3 * DAY + index }));
    assert.equal((await admit(...many)).records.length, 600);
    const compressed = await job('policy_compression transaction');
    assert.equal(compressed.failures ?? 0, 0);
    assert.deepEqual(
      (await chunks('transaction')).map((chunk) => chunk.is_compressed),
      [true, false],
    );
    const again = await admit(
      transaction('tx-9', { ingested_at: ARRIVED + 3 * DAY, content_hash: 'h9' }),
      transaction('new-3', { ingested_at: ARRIVED + 3 * DAY, content_hash: 'other' }),
      transaction('late', { ingested_at: ARRIVED + 5 }),
    );
    assert.deepEqual([idsOf(again), again.duplicates, again.conflicts.length], [['late'], 1, 1]);
    for (const id of ['tx-1', 'tx-500', 'new-599', 'late']) assert.equal((await raw.find(id)).kind, 'kept', id);
    await assert.rejects(divided.query(`insert into transaction select * from transaction limit 1`), { code: 'STORE_UNAVAILABLE' });
    assert.ok((await readBytesOfDays(divided)) > 50_000);
    const steps = { signal: new AbortController().signal, pause: async () => undefined };
    const removed = await removeTransactions({ database: divided, clock: systemClock }, { before: ARRIVED + 2 * DAY, ...steps });
    assert.deepEqual(removed, { tables: 1, transactions: 501 });
    assert.equal((await raw.find('tx-500')).kind, 'unknown');
    assert.equal((await raw.find('new-599')).kind, 'kept');
  });

  test('retention drops whole chunks, and hours and days follow', async () => {
    const options = { rawRetentionDays: 30, scoreRetentionDays: 1, countRetentionDays: 20, notificationRetentionDays: 1, pauseMs: 0 };
    for (const database of [plain, divided]) await createUpkeep({ database, clock: systemClock, log: silentLog }, options).round();
    assert.equal((await chunks('minute_count')).length, 3);
    const oldest = START + 2 * WEEK;
    const kept = `select minute, merchant_id, status, count from minute_count where minute >= ${NEWEST - 20 * DAY} order by 1, 2, 3`;
    assert.deepEqual(await divided.query(kept), await plain.query(kept));
    assert.deepEqual(await divided.query('select min(minute) as oldest from minute_count'), [{ oldest }]);
    await job('policy_refresh_continuous_aggregate day_count');
    assert.deepEqual(await divided.query('select min(day) as oldest from day_count'), [{ oldest }]);
  });
});
