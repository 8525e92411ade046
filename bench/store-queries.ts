import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { anomalyOf } from '../src/alert/test-anomaly.ts';
import type { Bus } from '../src/bus/bus.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import { createFleetMinutes } from '../src/read/fleet-minutes.ts';
import { createMerchantReader } from '../src/read/merchant-reader.ts';
import { parseNode, readSeries } from '../src/read/series-reader.ts';
import { createStatsReader } from '../src/read/stats-reader.ts';
import type { Database, Param } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPostgres } from '../src/store/postgres/open-postgres.ts';
import { listAnomalies } from '../src/store/verbs/anomaly/list-anomalies.ts';
import { writeAnomalies } from '../src/store/verbs/anomaly/write-anomalies.ts';
import { readShiftTraffic } from '../src/store/verbs/briefing/shift-figures.ts';
import { countMerchants } from '../src/store/verbs/minute/count-merchants.ts';
import { writeMerchantMinutes } from '../src/store/verbs/minute/merchant-minutes.ts';
import { findTransaction } from '../src/store/verbs/transaction/find-transaction.ts';
import { startPostgres } from '../test/integration/postgres-server.ts';
import { quantile, type BenchContext, type BenchResult } from './bench.ts';
import { fillMinutes } from './store/fill-minutes.ts';

const START = 1_772_366_400_000;
const MERCHANTS = 1000;
const ROWS_A_MINUTE = 2 * MERCHANTS;
const GOAL_MS = 50;
/** What no route asks for: minutes that an earlier version closed, or that were corrected, all of an hour. */
const COUNTED_HOUR = 'merchants of an hour, counted again';

/** What the queries of the API take on a PostgreSQL server with many rows, each with another merchant, period or id; their plans are written
 *  to a file. */
export async function run({ quick, rows = quick ? 40_000 : 5_000_000 }: BenchContext): Promise<readonly BenchResult[]> {
  const server = await startPostgres({ shared_buffers: '256MB', max_wal_size: '4GB' });
  try {
    const limits = { connections: 8, connectMs: 60_000, statementMs: 3_600_000, lockMs: 60_000 };
    const database = await openPostgres({ ...limits, url: await server.createDatabase(), log: pino({ level: 'silent' }) });
    try {
      await migrate({ database, log: pino({ level: 'silent' }), clock: systemClock });
      const minutes = Math.max(60, Math.floor(rows / ROWS_A_MINUTE / 10) * 10);
      await fill(database, minutes);
      return await measure(database, { minutes, rounds: quick ? 10 : 200, version: server.version });
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
}

async function fill(database: Database, minutes: number): Promise<void> {
  await fillMinutes(database, { from: START, minutes, merchants: MERCHANTS });
  const last = START + (minutes - 1) * MINUTE_MS;
  await database.transaction(async (tx) => {
    await tx.query(`insert into transaction_key select 'tx-' || n, $1::bigint + n, md5(n::text) from generate_series(1, $2::int) as n`, [
      START,
      transactionsOf(minutes),
    ]);
    await tx.query(
      `insert into transaction (id, occurred_at, ingested_at, status, count, amount, merchant_id, source, backfill, content_hash)
     select 'tx-' || n, $1::bigint + n, $1::bigint + n, 'approved', 1, n, 'm-' || n % ${MERCHANTS}, 'bench', false, md5(n::text)
     from generate_series(1, $2::int) as n`,
      [START, transactionsOf(minutes)],
    );
  });
  const anomalies = Array.from({ length: minutes }, (_, index) => {
    const begin = START + index * MINUTE_MS;
    const times = {
      started_at: new Date(begin).toISOString(),
      detected_at: new Date(begin).toISOString(),
      updated_at: new Date(begin).toISOString(),
    };
    return anomalyOf({ id: `an_${index}`, ...times, status: 'resolved', resolved_at: new Date(begin + 600_000).toISOString() });
  });
  await writeAnomalies(
    database,
    anomalies.map((anomaly, sequence) => ({ v: 1, event: 'opened', sequence, anomaly })),
  );
  // As counting leaves it: the minutes of the newest hour with their merchants.
  const newest = Array.from({ length: 60 }, (_, index) => last - index * MINUTE_MS);
  const counted = await countMerchants(database, newest);
  await writeMerchantMinutes(
    database,
    [...counted].map(([minute, counts]) => ({ minute, revision: 0, counts })),
  );
  await database.query('update window_closer set max_event_at = $1, last_closed = $1, watermark = $1', [last]);
  await database.exec('vacuum analyze');
}

const transactionsOf = (minutes: number): number => (minutes * ROWS_A_MINUTE) / 5;

interface Size {
  readonly minutes: number;
  readonly rounds: number;
  readonly version: string;
}

async function measure(database: Database, { minutes, rounds, version }: Size): Promise<readonly BenchResult[]> {
  const [size] = await database.query<{ rows: number; bytes: number }>(
    `select (select count(*) from minute_count)::bigint as rows, pg_database_size(current_database())::bigint as bytes`,
  );
  const plans = createPlans(database);
  const results: BenchResult[] = [];
  for (const [name, ask] of Object.entries(questions(plans.watched, minutes))) {
    const times: number[] = [];
    plans.begin(name);
    const asks = name === COUNTED_HOUR ? Math.ceil(rounds / 10) : rounds;
    for (let round = 0; round < asks; round += 1) {
      const started = performance.now();
      const found = await ask(round);
      times.push(performance.now() - started);
      if (!isAnswer(found)) throw new Error(`${name}: nothing was found in round ${round}`);
    }
    await plans.end();
    const details = {
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      rounds: asks,
      rows: size?.rows ?? 0,
      GB: (size?.bytes ?? 0) / 1e9,
    };
    results.push({
      name: `${name}, p95`,
      value: quantile(times, 0.95),
      unit: 'ms',
      better: 'lower',
      ...(name === COUNTED_HOUR ? {} : { goal: GOAL_MS }),
      details,
    });
  }
  plans.write(join(tmpdir(), `guardian-plans-${size?.rows ?? 0}.md`), `PostgreSQL ${version}, ${size?.rows ?? 0} rows in minute_count`);
  return results;
}

/** A fast wrong answer is no figure. */
function isAnswer(found: unknown): boolean {
  if (found === null || typeof found !== 'object') return false;
  const list = Array.isArray(found) ? found : 'items' in found ? found.items : [found];
  return Array.isArray(list) && list.length > 0;
}

/** Each asks the way the API does, another part of the data in each round. */
function questions(database: Database, minutes: number): Readonly<Record<string, (round: number) => Promise<unknown>>> {
  const last = START + (minutes - 1) * MINUTE_MS;
  const place = (round: number): number => START + Math.floor((((round * 7919) % 997) / 997) * Math.max(0, minutes - 60)) * MINUTE_MS;
  const series = (node: string, round: number, length: number) =>
    readSeries(database, createFleetMinutes(database), node, parseNode(node) ?? {}, {
      from: place(round),
      to: place(round) + length * MINUTE_MS,
    });
  const bus = { ranges: async () => [] } as unknown as Bus;
  const clock = { now: () => last + MINUTE_MS, monotonic: systemClock.monotonic };
  const settings = { timeZone: 'UTC', locale: undefined, liveWithinS: 600, lateS: 90, behindAfterMinutes: 3 };
  const hourAt = (lastMinute: number) =>
    createMerchantReader(database, { time: async () => ({ state: 'live', now: lastMinute + MINUTE_MS, lastMinute }) }, clock).read(1000);
  return {
    'GET /stats': () => createStatsReader({ database, bus, clock, minutes: createFleetMinutes(database) }, settings).read(),
    'GET /series of the fleet, an hour': (round) => series('fleet', round, 60),
    'GET /series of a status, an hour': (round) => series('status:denied', round, 60),
    'GET /series of a merchant, an hour': (round) =>
      series(`merchant:m-${String(1 + ((round * 31) % MERCHANTS)).padStart(5, '0')}`, round, 60),
    'GET /merchants, just after a start': () => hourAt(last),
    [COUNTED_HOUR]: (round) => hourAt(place(round) + 59 * MINUTE_MS),
    'traffic of a shift, for a briefing': (round) => readShiftTraffic(database, place(round), place(round) + 480 * MINUTE_MS),
    'GET /anomalies of an hour': (round) =>
      listAnomalies(database, { from: place(round), to: place(round) + 60 * MINUTE_MS }, { limit: 100 }),
    'GET /transaction/{id}': (round) => findTransaction(database, `tx-${1 + ((round * 104_729) % transactionsOf(minutes))}`),
  };
}

interface Asked {
  readonly text: string;
  readonly params: readonly Param[];
}

/** Notes the statements of a question, and asks the server for the plan of each, once. */
function createPlans(database: Database) {
  const sections: string[] = [];
  let asked = new Map<string, Asked>();
  let title = '';
  const watched: Database = {
    ...database,
    query: (text, params = []) => {
      if (!asked.has(text)) asked.set(text, { text, params });
      return database.query(text, params);
    },
  };
  return {
    watched,
    begin(name: string): void {
      title = name;
      asked = new Map();
    },
    async end(): Promise<void> {
      sections.push(`## ${title}\n`);
      for (const { text, params } of [...asked.values()]) {
        const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off, timing off) ${text}`, params);
        sections.push(`\`\`\`sql\n${text.trim()}\n\`\`\`\n\n\`\`\`\n${plan.map((line) => line['QUERY PLAN']).join('\n')}\n\`\`\`\n`);
      }
    },
    write(path: string, about: string): void {
      writeFileSync(path, `${about}\n\n${sections.join('\n')}`);
      console.log(`plans: ${path}`);
    },
  };
}
