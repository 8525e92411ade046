import { hash, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { JSON_HEADERS } from '../src/topic/record-headers.ts';
import type { BusRecord } from '../src/bus/bus.ts';
import { systemClock } from '../src/clock.ts';
import type { Database, Sql } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite } from '../src/store/pglite/open-pglite.ts';
import { claimPartition } from '../src/store/verbs/log/claim-partition.ts';
import type { IndexedLog } from '../src/raw/log-index/indexed-log.ts';
import { openLogIndex } from '../src/raw/log-index/open-log-index.ts';
import type { RawTransactions } from '../src/raw/raw-transactions.ts';
import { createRawRows } from '../src/raw/rows/raw-rows.ts';
import { createCloser } from '../src/window/close.ts';
import { createCounter } from '../src/window/counter.ts';
import { createRecentSegments } from '../src/window/recent-segments.ts';
import { createDecoder } from '../src/window/decode.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';

const BATCH = 20_000;
const START = 1_772_366_400_000;
const CLAIM = { group: 'bench', topic: TOPICS.transactions, partition: 0, generation: 1, owner: 'bench' } as const;
const RULES = { lateMs: 90_000, closesEarly: false, maxGapMinutes: 1440, liveWithinMs: 600_000 };

/** How the stream looks: event time that a batch spans, and in how many combinations it falls. */
interface Shape {
  readonly name: string;
  readonly batchMs: number;
  readonly merchants: number;
  /** Whether clients chose random ids, or ours grow with time. */
  readonly ids: 'random' | 'ordered';
  readonly goal?: number;
}

const SHAPES: readonly Shape[] = [
  { name: 'count, 200 merchants', batchMs: 2000, merchants: 200, ids: 'ordered', goal: 50_000 },
  { name: 'count, 2 000 merchants, random ids', batchMs: 2000, merchants: 2000, ids: 'random' },
  { name: 'count, 10 minutes a batch', batchMs: 600_000, merchants: 200, ids: 'ordered' },
];

/** Count: batches of the bus to committed ids, minute counts, windows and offsets, in one thread with PGlite on disk. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const batches = quick ? 11 : 30;
  return inTemporaryDirectory(async (directory) => {
    const results: BenchResult[] = [];
    for (const shape of SHAPES) {
      const rows = await inTemporaryDirectory((dir) => measure(dir, shape, batches, 'rows'));
      const index = await measure(join(directory, shape.name), shape, batches, 'index');
      const details = { ...index.details, 'cpu ms with rows': rows.details?.['cpu ms'] ?? '' };
      results.push({ ...index, details, reference: { name: 'with rows of the database', value: rows.value } });
      await rm(join(directory, shape.name), { recursive: true, force: true });
    }
    return results;
  });
}

/** The log of the bench: all of it is kept. */
const LOG: IndexedLog = {
  ranges: async () => [{ partition: 0, earliest: 0, next: Number.MAX_SAFE_INTEGER }],
  subscribe: () => Promise.reject(new Error('nothing to catch up with')),
  identity: () => 'bench',
  readAt: () => undefined,
};

/** What keeps the single transactions. */
async function openRaw(engine: 'rows' | 'index', dir: string, database: Database): Promise<RawTransactions> {
  if (engine === 'rows') return createRawRows(database);
  const logger = pino({ level: 'silent' });
  const opened = await openLogIndex(
    {
      ...{ path: join(dir, 'raw-index.sqlite'), log: LOG, database, clock: systemClock, logger, rawRetentionDays: 30 },
      onDamage: () => undefined,
    },
    new Map(),
  );
  return opened.catchUp(new Map());
}

async function measure(dir: string, shape: Shape, batches: number, engine: 'rows' | 'index'): Promise<BenchResult> {
  const log = pino({ level: 'silent' });
  await mkdir(dir, { recursive: true });
  const database = await openPglite({ dir: join(dir, 'database'), log, clock: systemClock });
  await migrate({ database, log, clock: systemClock });
  const raw = await openRaw(engine, dir, database);
  try {
    await claimPartition(database, CLAIM);
    const split = new Map<string, number>();
    const recent = createRecentSegments();
    const counter = createCounter(
      {
        ...{ database: timed(database, split), raw, clock: systemClock },
        committed: ({ stored }) => {
          if (stored !== null) recent.keep(stored.id, stored.segments);
        },
      },
      RULES,
    );
    const closer = createCloser(
      {
        database: timed(database, split),
        clock: systemClock,
        recent,
        group: CLAIM.group,
        ranges: async () => [],
        committed: () => undefined,
      },
      RULES,
    );
    await closer.claim(CLAIM);
    const times: number[] = [];
    const cpu: number[] = [];
    const warmUp = 8;
    for (let batch = 0; batch < batches; batch += 1) {
      const records = makeBatch(shape, batch);
      if (batch === warmUp) split.clear();
      const started = performance.now();
      const used = process.cpuUsage();
      await counter.count(CLAIM, records);
      await closer.merge();
      if (batch < warmUp) continue;
      times.push(performance.now() - started);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
    }
    await check(database, batches * BATCH);
    const total = times.reduce((sum, ms) => sum + ms, 0);
    const decode = createDecoder();
    const decodeMs = timeOf(() => decode(makeBatch(shape, 0), 0));
    return {
      name: shape.name,
      value: (times.length * BATCH) / (total / 1000),
      unit: 'records/s',
      better: 'higher',
      ...(shape.goal === undefined ? {} : { goal: shape.goal }),
      details: {
        'p50 ms': quantile(times, 0.5),
        'p99 ms': quantile(times, 0.99),
        'cpu ms': quantile(cpu, 0.5),
        'decode ms': decodeMs,
        ...perBatch(split, times.length),
      },
    };
  } finally {
    await raw.close();
    await database.close();
  }
}

function makeBatch(shape: Shape, batch: number): BusRecord[] {
  return Array.from({ length: BATCH }, (_, index) => {
    const number = batch * BATCH + index;
    const denied = number % 20 === 0;
    const at = START + batch * shape.batchMs + Math.floor((index * shape.batchMs) / BATCH);
    const record: TransactionRecord = {
      v: 1,
      kind: 'transaction',
      id: shape.ids === 'random' ? randomUUID() : `tx_${String(number).padStart(26, '0')}`,
      client_id: shape.ids === 'random',
      content_hash: hash('sha256', String(number), 'hex').slice(0, 16),
      occurred_at: at,
      ingested_at: at + 40,
      status: denied ? 'denied' : (STATUSES[number % 331 === 0 ? 2 : 0] ?? 'approved'),
      count: 1,
      amount: (number % 10_000) / 100,
      currency: 'BRL',
      merchant_id: `m-${String((number * 7919) % shape.merchants).padStart(5, '0')}`,
      auth_code: denied ? '51' : '00',
      acquirer: `acq-${number % 3}`,
      payment_method: 'credit',
      source: 'http',
      backfill: false,
    };
    return { offset: number, key: '', value: Buffer.from(JSON.stringify(record)), headers: JSON_HEADERS, publishedAt: at };
  });
}

/** Adds the time of each kind of statement, by its first words. */
function timed(database: Database, split: Map<string, number>): Database {
  const watch = (tx: Sql): Sql => ({
    exec: (text) => tx.exec(text),
    async copy(into, rows) {
      const started = performance.now();
      await tx.copy(into, rows);
      split.set('copy', (split.get('copy') ?? 0) + performance.now() - started);
    },
    async query<Row extends object>(text: string, params?: Parameters<Sql['query']>[1]) {
      const started = performance.now();
      const rows = await tx.query<Row>(text, params);
      const [name = ''] = /insert into \w+|update \w+|select/.exec(text) ?? [];
      split.set(name, (split.get(name) ?? 0) + performance.now() - started);
      return rows;
    },
  });
  return { ...database, transaction: (work) => database.transaction((tx) => work(watch(tx))) };
}

function perBatch(split: ReadonlyMap<string, number>, batches: number): Record<string, number> {
  return Object.fromEntries([...split].map(([name, ms]) => [`${name} ms`, ms / batches]));
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

async function check(database: Database, expected: number): Promise<void> {
  const [row] = await database.query<{ counted: number }>('select sum(count) as counted from minute_count');
  if (row?.counted !== expected) throw new Error(`expected ${expected} transactions, counted ${JSON.stringify(row)}`);
}
