import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { alertOf } from '../src/alert/alert-of.ts';
import { causeOf } from '../src/alert/cause.ts';
import { groupKeyOf } from '../src/alert/group.ts';
import { anomalyOf, TEST_OPTIONS } from '../src/alert/test-anomaly.ts';
import type { Bus } from '../src/bus/bus.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import { createFleetMinutes } from '../src/read/fleet-minutes.ts';
import { createMerchantReader } from '../src/read/merchant-reader.ts';
import { parseNode, readSeries } from '../src/read/series-reader.ts';
import { createStatsReader } from '../src/read/stats-reader.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPostgres } from '../src/store/postgres/open-postgres.ts';
import { writeAlerts } from '../src/store/verbs/alert/write-alerts.ts';
import { listAnomalies } from '../src/store/verbs/anomaly/list-anomalies.ts';
import { writeAnomalies } from '../src/store/verbs/anomaly/write-anomalies.ts';
import { readShiftTraffic } from '../src/store/verbs/briefing/shift-figures.ts';
import { countMerchants } from '../src/store/verbs/minute/count-merchants.ts';
import { writeMerchantMinutes } from '../src/store/verbs/minute/merchant-minutes.ts';
import { findTransaction } from '../src/store/verbs/transaction/find-transaction.ts';
import { startPostgres } from '../test/integration/postgres-server.ts';
import { quantile, type BenchContext, type BenchResult } from './bench.ts';
import { fillCompany, idOf, type Company } from './store/fill-company.ts';
import { createPlans } from './store/plans.ts';
import { createServersCpu, parentOf } from './process/servers-cpu.ts';

/** 2030: after everything that a migration leaves in one table, so that there are tables of days and weeks. */
const START = Date.UTC(2030, 0, 10);
const MERCHANTS = 10_000;
const PER_MINUTE = 2500;
const GOAL_MS = 50;
const HOUR = 60;
/** Days that are filled beside each other, at a connection each. */
const FILLERS = 2;
const ANOMALIES_AT_ONCE = 500;
/** What no route asks for: minutes that an earlier version closed, or that were corrected, all of an hour. */
const COUNTED_HOUR = 'merchants of an hour, counted again';
const log = pino({ level: 'silent' });

/** What the queries of the API take on a PostgreSQL server with many rows, each with another merchant, period or id; their plans are written
 *  to a file. `rows`: single transactions. GUARDIAN_BENCH_POSTGRES=postgres://…: on a server that runs, in a database that stays there and is
 *  used again by the next run with as many rows. */
export async function run({ quick, rows = quick ? 200_000 : 5_000_000 }: BenchContext): Promise<readonly BenchResult[]> {
  const company = {
    from: START,
    minutes: Math.max((quick ? 2 : 5) * HOUR, Math.ceil(rows / PER_MINUTE)),
    perMinute: PER_MINUTE,
    merchants: MERCHANTS,
  };
  const given = process.env['GUARDIAN_BENCH_POSTGRES'];
  if (given !== undefined) return runOn(await databaseFor(given, rows), company, quick);
  const server = await startPostgres({ shared_buffers: '256MB', max_wal_size: '4GB' });
  try {
    return await runOn(await server.createDatabase(), company, quick);
  } finally {
    await server.stop();
  }
}

const open = (url: string): Promise<Database> =>
  openPostgres({ connections: 8, connectMs: 60_000, statementMs: 3_600_000, lockMs: 60_000, url, log });

/** Makes the database of so many rows on a server where it is not there. */
async function databaseFor(server: string, rows: number): Promise<string> {
  const name = `guardian_bench_${rows}`;
  const maker = await open(server);
  try {
    const found = await maker.query('select 1 from pg_database where datname = $1', [name]);
    if (found.length === 0) await maker.exec(`create database ${name}`);
  } finally {
    await maker.close();
  }
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

async function runOn(url: string, company: Company, quick: boolean): Promise<readonly BenchResult[]> {
  const database = await open(url);
  try {
    await migrate({ database, log, clock: systemClock });
    const [closer] = await database.query<{ last: number | null }>('select last_closed as last from window_closer');
    const filled = closer?.last === lastMinute(company) ? [] : [await fill(database, company)];
    return [...filled, ...(await measure(database, company, quick ? 10 : 200))];
  } finally {
    await database.close();
  }
}

const lastMinute = ({ from, minutes }: Company): number => from + (minutes - 1) * MINUTE_MS;

/** What is there when a company has run for so long. Its last write says that it is whole. */
async function fill(database: Database, company: Company): Promise<BenchResult> {
  const started = performance.now();
  await fillCompany(database, company, FILLERS);
  const fillMs = performance.now() - started;
  await fillJudged(database, company);
  await database.exec('vacuum analyze');
  const last = lastMinute(company);
  await writeMerchants(
    database,
    Array.from({ length: HOUR }, (_, index) => last - index * MINUTE_MS),
  );
  await database.query('update window_closer set max_event_at = $1, last_closed = $1, watermark = $1', [last]);
  return {
    name: 'filling',
    value: (company.minutes * company.perMinute * 1000) / fillMs,
    unit: 'transactions/s',
    better: 'higher',
    details: { seconds: fillMs / 1000, 'with the rest and vacuum': (performance.now() - started) / 1000 },
  };
}

/** A score a minute of the fleet and its statuses, an anomaly a minute and its alert, all over. */
async function fillJudged(database: Database, { from, minutes }: Company): Promise<void> {
  await database.query(
    `insert into minute_score (node, minute, revision, observed, expected, low, high, z_score, ml_score, score, state)
     select node, minute, 0, 100, 100, 80, 120, 0, 0, 0, 'normal'
     from generate_series($1::bigint, $2::bigint, ${MINUTE_MS}) as minute,
       unnest(array['fleet', 'status:approved', 'status:denied', 'status:failed', 'status:reversed']) as node`,
    [from, from + (minutes - 1) * MINUTE_MS],
  );
  for (let at = 0; at < minutes; at += ANOMALIES_AT_ONCE) {
    const anomalies = Array.from({ length: Math.min(ANOMALIES_AT_ONCE, minutes - at) }, (_, index) => {
      const begin = from + (at + index) * MINUTE_MS;
      const time = new Date(begin).toISOString();
      const times = { started_at: time, detected_at: time, updated_at: time, resolved_at: new Date(begin + 600_000).toISOString() };
      return anomalyOf({ id: `an_${at + index}`, ...times, status: 'resolved' });
    });
    await database.transaction(async (tx) => {
      await writeAnomalies(
        tx,
        anomalies.map((anomaly, sequence) => ({ v: 1, event: 'opened', sequence, anomaly })),
      );
      await writeAlerts(
        tx,
        anomalies.map((anomaly) => ({
          alert: alertOf(anomaly, null, TEST_OPTIONS),
          translations: {},
          groupKey: groupKeyOf(anomaly.type, causeOf(anomaly), []),
          version: 1,
        })),
      );
    });
  }
}

/** As the closer leaves them: the merchants of minutes that have just closed. */
async function writeMerchants(database: Database, minutes: readonly number[]): Promise<void> {
  const counted = await countMerchants(database, minutes);
  await writeMerchantMinutes(
    database,
    [...counted].map(([minute, counts]) => ({ minute, revision: 0, counts })),
  );
}

async function measure(database: Database, company: Company, rounds: number): Promise<readonly BenchResult[]> {
  const [size] = await database.query<{ version: string; bytes: number }>(
    `select current_setting('server_version') as version, pg_database_size(current_database())::bigint as bytes`,
  );
  const [counts] = await database.query<{ rows: number }>('select count(*)::bigint as rows from minute_count');
  const transactions = company.minutes * company.perMinute;
  const about = { transactions, 'rows of minute_count': counts?.rows ?? 0, GB: (size?.bytes ?? 0) / 1e9 };
  const plans = createPlans(database);
  const [backend] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const cpu = createServersCpu(parentOf(backend?.pid ?? 0));
  const results: BenchResult[] = [];
  for (const [name, { before: prepare, ask }] of Object.entries(questions({ database, watched: plans.watched }, company, rounds))) {
    const times: number[] = [];
    const used = { program: 0, server: 0 };
    const asks = name === COUNTED_HOUR ? Math.ceil(rounds / 10) : rounds;
    for (let round = 0; round < asks; round += 1) {
      await prepare?.(round);
      if (round === 0) plans.begin(name);
      cpu();
      const before = process.cpuUsage();
      const started = performance.now();
      const found = await ask(round);
      times.push(performance.now() - started);
      const { user, system } = process.cpuUsage(before);
      used.program += (user + system) / 1000;
      used.server += 1000 * (cpu()['postgresql'] ?? 0);
      if (!isAnswer(found)) throw new Error(`${name}: nothing was found in round ${round}`);
    }
    const { statements, serverMs } = await plans.end();
    const processor = {
      'processor of the program, ms': used.program / asks,
      'processor of the server, ms': used.server / asks,
    };
    const spread = { p50: quantile(times, 0.5), p99: quantile(times, 0.99), rounds: asks, statements, 'in the server, ms': serverMs };
    results.push({
      name: `${name}, p95`,
      value: quantile(times, 0.95),
      unit: 'ms',
      better: 'lower',
      ...(name === COUNTED_HOUR ? {} : { goal: GOAL_MS }),
      details: { ...spread, ...processor, ...about },
    });
  }
  plans.write(join(tmpdir(), `guardian-plans-${transactions}.md`), `PostgreSQL ${size?.version ?? ''}, ${transactions} transactions`);
  return results;
}

/** A fast wrong answer is no figure. */
function isAnswer(found: unknown): boolean {
  if (found === null || typeof found !== 'object') return false;
  const list = Array.isArray(found) ? found : 'items' in found ? found.items : [found];
  return Array.isArray(list) && list.length > 0;
}

interface Question {
  /** Before each round, out of its time. */
  readonly before?: (round: number) => Promise<unknown>;
  readonly ask: (round: number) => Promise<unknown>;
}

/** Each asks the way the API does, another part of the data in each round. */
function questions(
  { database, watched }: { readonly database: Database; readonly watched: Database },
  company: Company,
  rounds: number,
): Readonly<Record<string, Question>> {
  const { minutes, perMinute } = company;
  const last = lastMinute(company);
  const place = (round: number): number => START + Math.floor((((round * 7919) % 997) / 997) * (minutes - HOUR)) * MINUTE_MS;
  const series = (node: string, round: number, length: number) =>
    readSeries(watched, createFleetMinutes(watched), node, parseNode(node) ?? {}, {
      from: place(round),
      to: place(round) + length * MINUTE_MS,
    });
  const bus = { ranges: async () => [] } as unknown as Bus;
  const clock = { now: () => last + MINUTE_MS, monotonic: systemClock.monotonic };
  const settings = { timeZone: 'UTC', locale: undefined, liveWithinS: 600, lateS: 90, behindAfterMinutes: 3 };
  const readerAt = (lastOf: () => number, answersOldAfter: () => number) =>
    createMerchantReader(
      watched,
      { time: async () => ({ state: 'live', now: lastOf() + MINUTE_MS, lastMinute: lastOf() }) },
      { ...clock, monotonic: answersOldAfter },
    );
  const hourAt = (minute: number) => readerAt(() => minute, systemClock.monotonic).read(1000);
  // An hour that moves on by a minute in each round, as on a screen that stays open.
  let now = last - rounds * MINUTE_MS;
  let asked = 0;
  const moving = readerAt(
    () => now,
    () => (asked += HOUR * 1000),
  );
  return {
    'GET /stats': {
      ask: () => createStatsReader({ database: watched, bus, clock, minutes: createFleetMinutes(watched) }, settings).read(),
    },
    'GET /series of the fleet, an hour': { ask: (round) => series('fleet', round, HOUR) },
    'GET /series of the fleet, a day': { ask: (round) => series('fleet', round, Math.min(24, Math.floor(minutes / HOUR)) * HOUR) },
    'GET /series of a status, an hour': { ask: (round) => series('status:denied', round, HOUR) },
    'GET /series of a merchant, an hour': {
      ask: (round) => series(`merchant:m-${String(1 + ((round * 31) % MERCHANTS)).padStart(5, '0')}`, round, HOUR),
    },
    'GET /merchants, a minute later': {
      async before(round) {
        if (round === 0) await moving.read(1000);
        now += MINUTE_MS;
        await writeMerchants(database, [now]);
      },
      ask: () => moving.read(1000),
    },
    'GET /merchants, just after a start': {
      async before(round) {
        if (round > 0) return;
        await writeMerchants(
          database,
          Array.from({ length: HOUR }, (_, index) => last - index * MINUTE_MS),
        );
      },
      ask: () => hourAt(last),
    },
    [COUNTED_HOUR]: { ask: (round) => hourAt(place(round) + (HOUR - 1) * MINUTE_MS) },
    'traffic of a shift, for a briefing': { ask: (round) => readShiftTraffic(watched, place(round), place(round) + 480 * MINUTE_MS) },
    'GET /anomalies of an hour': {
      ask: (round) => listAnomalies(watched, { from: place(round), to: place(round) + HOUR * MINUTE_MS }, { limit: 100 }),
    },
    'GET /transaction/{id}': { ask: (round) => findTransaction(watched, idOf(company, (round * 104_729 * 997) % (minutes * perMinute))) },
  };
}
