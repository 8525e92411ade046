import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPostgres } from '../src/store/postgres/open-postgres.ts';
import { copyTransactions } from '../src/store/verbs/transaction/insert-transactions.ts';
import { readJudged } from '../src/store/verbs/detector/read-judged.ts';
import { startKafka } from '../test/integration/kafka-server.ts';
import { startPostgres } from '../test/integration/postgres-server.ts';
import { waitFor } from '../test/e2e/product.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { consume, openBus, PARTITIONS, produce, recordOf } from './kafka.ts';
import { startRoles, type RoleProcesses } from './production/role-processes.ts';
import { createServersCpu } from './process/servers-cpu.ts';
import { measureSteady } from './production/steady.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const MERCHANTS = 200;
const BODY = 5000;
const IN_FLIGHT = 4;
const COPY_ROWS = 5000;
const COPIERS = 2;
const LIMITS = { connections: 4, connectMs: 60_000, statementMs: 120_000, lockMs: 60_000 };
const LATE_S = 90;
const POLL_MS = 5;
const PATIENCE_MS = 120_000;
const log = pino({ level: 'silent' });

/** From HTTP to stored and scored on Kafka and PostgreSQL, a process a role, beside each raw stage on the same servers in the same run: our
 *  Kafka client producing and consuming such records, and COPY of such rows into the same table. */
export async function run({ quick, rows }: BenchContext): Promise<readonly BenchResult[]> {
  const records = rows ?? (quick ? 20_000 : 200_000);
  const { server: kafka, missing } = await startKafka();
  if (kafka === null) throw new Error(missing);
  const postgres = await startPostgres({ fsync: 'on', max_connections: '100', shared_buffers: '256MB' });
  try {
    const produced = await rateOfProducing(kafka.address, records);
    const copied = await rateOfCopying(await postgres.createDatabase(), records);
    const url = await postgres.createDatabase();
    const setting = { broker: kafka.address, records, quick };
    const whole = await inTemporaryDirectory((folder) => measureWhole(folder, { ...setting, url, prefix: 'whole.' }));
    const fresh = await postgres.createDatabase();
    const steady = await inTemporaryDirectory((folder) => measurePace(folder, { ...setting, url: fresh, prefix: 'steady.' }));
    const raw = [...produced, copied];
    const slowest = raw.reduce((worst, one) => (one.value < worst.value ? one : worst));
    return [
      ...raw.map((one) => ({ ...one, unit: 'records/s', better: 'higher' as const })),
      ...whole.rates.map((one) => ({
        ...one,
        reference: { name: slowest.name, value: slowest.value },
        goal: Math.round(0.7 * slowest.value),
      })),
      ...whole.latencies,
      ...steady,
    ];
  } finally {
    await Promise.all([postgres.stop(), kafka.stop()]);
  }
}

type Rate = Pick<BenchResult, 'name' | 'value' | 'details'>;

/** What each process used of a core meanwhile, and all of them together for a record. */
function sharesOf(cpu: Readonly<Record<string, number>>, ms: number, records: number): NonNullable<BenchResult['details']> {
  const shares = Object.entries(cpu).map(([name, used]) => [name, `${Math.round((100_000 * used) / ms)} %`] as const);
  const all = Object.values(cpu).reduce((sum, used) => sum + used, 0);
  return { records, ...Object.fromEntries(shares), 'processor us a record': (1e6 * all) / records };
}

async function rateOfProducing(address: string, records: number): Promise<readonly Rate[]> {
  const bus = await openBus(address, `raw-${process.pid}.`);
  const cpu = createServersCpu();
  const rate = (name: string, value: number): Rate => ({ name, value, details: sharesOf(cpu(), (1000 * records) / value, records) });
  try {
    return [rate('Kafka client, produce', await produce(bus, records)), rate('Kafka client, consume', await consume(bus, records))];
  } finally {
    await bus.close();
  }
}

/** Rows and their keys as the product writes them, in transactions of 5,000, two connections at once. */
async function rateOfCopying(url: string, records: number): Promise<Rate> {
  const database = await openPostgres({ ...LIMITS, log, url });
  try {
    await migrate({ database, log, clock: systemClock });
    const parts: TransactionRecord[][] = [];
    for (let from = 0; from < records; from += COPY_ROWS) {
      const length = Math.min(COPY_ROWS, records - from);
      parts.push(Array.from({ length }, (_, index) => JSON.parse(recordOf(from + index)) as TransactionRecord));
    }
    const cpu = createServersCpu();
    const started = performance.now();
    const copy = async (): Promise<void> => {
      for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
        const rows = part;
        await database.transaction((tx) => copyTransactions(tx, rows));
      }
    };
    await Promise.all(Array.from({ length: COPIERS }, copy));
    const ms = performance.now() - started;
    return { name: 'COPY into transaction', value: (records * 1000) / ms, details: sharesOf(cpu(), ms, records) };
  } finally {
    await database.close();
  }
}

interface Setting {
  readonly url: string;
  /** Before the names of the topics. */
  readonly prefix: string;
  readonly broker: string;
  readonly records: number;
  readonly quick: boolean;
}

const configOf = ({ url, broker, prefix }: Setting): object => ({
  http: { port: 0 },
  log: { level: 'error' },
  access: { service_token: randomUUID(), signing_secret: randomUUID() },
  bus: { engine: 'kafka', partitions: PARTITIONS, kafka: { brokers: [broker], prefix } },
  store: { engine: 'postgres', url },
  window: { late_s: LATE_S },
});

/** Starts a process of each role, and hands them over once all is set up. */
async function withRoles<T>(folder: string, setting: Setting, work: (roles: RoleProcesses, database: Database) => Promise<T>): Promise<T> {
  const roles = await startRoles(folder, configOf(setting), ['api', 'window', 'detect', 'alert', 'data']);
  const database = await openPostgres({ ...LIMITS, log, url: setting.url });
  try {
    await waitFor(async () => ((await countOf(database).catch(() => undefined)) === 0 ? true : undefined));
    return await work(roles, database);
  } finally {
    await database.close();
    await roles.stop();
  }
}

const measureWhole = (folder: string, setting: Setting) =>
  withRoles(folder, setting, async (roles, database) => {
    const { records, quick } = setting;
    const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 2000 * MINUTE_MS;
    const rate = (part: number, of: string) => measureRate(roles, database, { records, start: start + part * 200 * MINUTE_MS, of });
    const first = await rate(0, '1 window worker, just started');
    const one = await rate(1, '1 window worker');
    roles.add('window');
    await sleep(5000);
    // The second worker compiles what it needs.
    await rate(2, '2 window workers, one just started');
    const two = await rate(3, '2 window workers');
    const latencies = await measureLatency(roles, database, { start: start + 800 * MINUTE_MS, rounds: quick ? 10 : 100 });
    return { rates: [...first, ...one, ...two], latencies };
  });

const measurePace = (folder: string, setting: Setting) =>
  withRoles(folder, setting, (roles, database) => measureSteady(roles, { database, seconds: setting.quick ? 10 : 60 }));

async function countOf(database: Database): Promise<number> {
  const [row] = await database.query<{ n: number }>('select coalesce(sum(count), 0)::bigint as n from minute_count');
  return Number(row?.n);
}

async function post(roles: RoleProcesses, body: string): Promise<void> {
  const answer = await fetch(`${roles.address}/transactions/batch`, { method: 'POST', body, headers: NDJSON });
  const { accepted, refused } = (await answer.json()) as { accepted?: number; refused?: number };
  if (!answer.ok || refused !== 0 || accepted === 0) throw new Error(`answered ${answer.status}: ${accepted} accepted, ${refused} refused`);
}

const lineOf = (at: number, index: number, id?: string): string =>
  `${JSON.stringify({
    ...(id === undefined ? {} : { id }),
    ...{ timestamp: new Date(at).toISOString(), status: index % 20 === 0 ? 'denied' : 'approved', amount: 49.9, currency: 'BRL' },
    ...{ auth_code: index % 20 === 0 ? '51' : '00', merchant_id: `m-${index % MERCHANTS}`, acquirer: `acq-${index % 3}` },
  })}\n`;

/** From the first byte until all are stored and counted, and until the last full minute is judged. */
async function measureRate(
  roles: RoleProcesses,
  database: Database,
  { records, start, of }: { readonly records: number; readonly start: number; readonly of: string },
): Promise<readonly Omit<BenchResult, 'reference' | 'goal'>[]> {
  const before = await countOf(database);
  const bodies: string[] = [];
  for (let from = 0; from < records; from += BODY) {
    const length = Math.min(BODY, records - from);
    bodies.push(
      Array.from({ length }, (_, step) => lineOf(start + Math.floor(((from + step) / records) * 55 * MINUTE_MS), from + step)).join(''),
    );
  }
  const servers = createServersCpu();
  roles.cpuSeconds();
  const started = performance.now();
  const send = async (): Promise<void> => {
    for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) await post(roles, body);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  const acceptedMs = performance.now() - started;
  await waitFor(async () => ((await countOf(database)) === before + records ? true : undefined));
  const storedMs = performance.now() - started;
  const cpu = { ...roles.cpuSeconds(), ...servers() };
  await post(roles, lineOf(start + 59 * MINUTE_MS, 1));
  await waitFor(async () => (((await readJudged(database)).last ?? 0) >= start + 54 * MINUTE_MS ? true : undefined));
  const scoredMs = performance.now() - started;
  const common = { unit: 'records/s', better: 'higher' as const };
  return [
    { ...common, name: `HTTP -> accepted, ${of}`, value: (records * 1000) / acceptedMs },
    { ...common, name: `HTTP -> stored, ${of}`, value: (records * 1000) / storedMs, details: sharesOf(cpu, storedMs, records) },
    { ...common, name: `HTTP -> stored and scored, ${of}`, value: (records * 1000) / scoredMs },
  ];
}

/** Milliseconds from `since` until the answer is true; asks every 5 ms. */
async function untilTrue(ask: () => Promise<boolean>, since: number): Promise<number> {
  while (!(await ask())) {
    if (performance.now() - since > PATIENCE_MS) throw new Error(`nothing came within ${PATIENCE_MS} ms`);
    await sleep(POLL_MS);
  }
  return performance.now() - since;
}

/** Rounds of a minute of event time each, 50 records, five a second: from the 202 until its last record is a row, and from the 202 of what
 *  closes a minute until that minute is judged. */
async function measureLatency(
  roles: RoleProcesses,
  database: Database,
  { start, rounds }: { readonly start: number; readonly rounds: number },
): Promise<readonly BenchResult[]> {
  const stored: number[] = [];
  const scored: number[] = [];
  const lateMinutes = Math.ceil(LATE_S / 60) + 1;
  for (let round = 0; round < rounds; round += 1) {
    const minute = start + round * MINUTE_MS;
    const id = `latency-${round}`;
    await post(
      roles,
      Array.from({ length: 50 }, (_, index) => lineOf(minute + 1000 * index, index, index === 49 ? id : undefined)).join(''),
    );
    const answeredAt = performance.now();
    const isStored = async (): Promise<boolean> => (await database.query('select 1 from transaction where id = $1', [id])).length > 0;
    const isJudged = async (): Promise<boolean> => ((await readJudged(database)).last ?? 0) >= minute - lateMinutes * MINUTE_MS;
    const [storedMs, scoredMs] = await Promise.all([
      untilTrue(isStored, answeredAt),
      round < lateMinutes ? undefined : untilTrue(isJudged, answeredAt),
    ]);
    stored.push(storedMs);
    if (scoredMs !== undefined) scored.push(scoredMs);
    await sleep(Math.max(0, 200 - (performance.now() - answeredAt)));
  }
  const result = (name: string, samples: readonly number[]): BenchResult => ({
    ...{ name, value: quantile(samples, 0.5), unit: 'ms', better: 'lower' },
    details: { samples: samples.length, p95: quantile(samples, 0.95), p99: quantile(samples, 0.99) },
  });
  return [result('202 -> stored, p50', stored), result('202 -> scored, p50', scored)];
}
