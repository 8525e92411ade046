import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, OutRecord } from '../src/bus/bus.ts';
import { openEmbeddedBus } from '../src/bus/embedded/embedded.ts';
import { readAll } from '../src/bus/read-all.ts';
import { systemClock } from '../src/clock.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';

const GOAL_RECORDS = 100_000;
const PACED_BATCH = 500;
const PACE_MS = 5;
const RECORD = {
  v: 1,
  kind: 'transaction',
  id: 'tx-7f3a91c2',
  client_id: true,
  occurred_at: 1_700_000_000_000,
  ingested_at: 1_700_000_000_000,
  status: 'approved',
  count: 1,
  merchant_id: 'm-0042',
  source: 'http',
  backfill: false,
};
const VALUE = Buffer.from(JSON.stringify(RECORD));

interface Load {
  readonly batch: number;
  readonly publishers: number;
}

/** The embedded bus, and the disk and SQLite that it stands on. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const runMs = quick ? 200 : 2000;
  return inTemporaryDirectory(async (dir) => {
    const results = [measureCommits(dir, 40_000, runMs), measureCommits(dir, 300, runMs)];
    results.push(...(await measureBus({ dir, writer: 'inline', partitions: 1, runMs })));
    results.push(...(await measureBus({ dir, writer: 'thread', partitions: 1, runMs })));
    results.push(...(await measureBus({ dir, writer: 'thread', partitions: 4, runMs })));
    return results;
  });
}

function measureCommits(dir: string, bytes: number, runMs: number): BenchResult {
  const data = Buffer.alloc(bytes, 7);
  const file = openSync(join(dir, `plain-${bytes}`), 'a');
  const plain = callsPerSecond(runMs, () => {
    writeSync(file, data);
    fdatasyncSync(file);
  });
  closeSync(file);
  const db = new DatabaseSync(join(dir, `raw-${bytes}.sqlite`));
  db.exec(
    'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)',
  );
  const insert = db.prepare('INSERT INTO t (data) VALUES (?)');
  const sqlite = callsPerSecond(runMs, () => void insert.run(data));
  db.close();
  const reference = { name: 'plain file, fdatasync', value: plain };
  return { name: `SQLite alone, ${bytes} bytes a commit`, value: sqlite, unit: 'commits/s', better: 'higher', reference };
}

function callsPerSecond(runMs: number, call: () => void): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < runMs) {
    call();
    calls += 1;
  }
  return (calls * 1000) / (performance.now() - start);
}

interface BusSetup {
  readonly dir: string;
  readonly writer: 'thread' | 'inline';
  readonly partitions: number;
  readonly runMs: number;
}

async function measureBus({ dir, writer, partitions, runMs }: BusSetup): Promise<BenchResult[]> {
  const bus = await openEmbeddedBus({
    dir: join(dir, `${writer}-${partitions}`),
    partitions: { [TOPICS.transactions]: partitions },
    retention: { hours: 1, bytes: 4e9 },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    writer,
  });
  const name = `${writer}, ${partitions} partition${partitions === 1 ? '' : 's'}`;
  const results: BenchResult[] = [];
  try {
    for (const load of [
      { batch: 1, publishers: 1 },
      { batch: 1, publishers: 64 },
      { batch: 500, publishers: 1 },
      { batch: 500, publishers: 8 },
    ]) {
      results.push(await measurePublish(bus, name, load, runMs));
    }
    results.push(await measurePaced(bus, name, runMs), await measureRead(bus, name, runMs));
  } finally {
    await bus.close();
  }
  return results;
}

function recordsOf(batch: number): OutRecord[] {
  return Array.from({ length: batch }, (_, index) => ({ key: `m-${index % 97}`, value: VALUE }));
}

async function measurePublish(bus: Bus, name: string, { batch, publishers }: Load, runMs: number): Promise<BenchResult> {
  const records = recordsOf(batch);
  const latencies: number[] = [];
  const caller = callerTime();
  const start = performance.now();
  const publisher = async (): Promise<void> => {
    while (performance.now() - start < runMs) {
      const before = performance.now();
      const placed = await bus.publish(TOPICS.transactions, records);
      if (placed.length !== batch) throw new Error('a publish came back with the wrong number of positions');
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: publishers }, publisher));
  const count = latencies.length * batch;
  const value = (count * 1000) / (performance.now() - start);
  const goal = batch === 1 ? {} : { goal: GOAL_RECORDS };
  const details = { caller_us_per_record: caller(count), ...latencyDetails(latencies), value_bytes: VALUE.byteLength };
  return { name: `${name}: publish, ${publishers} x ${batch}`, value, unit: 'records/s', better: 'higher', ...goal, details };
}

/** Latency at the rate that the project aims at, where nothing is saturated. */
async function measurePaced(bus: Bus, name: string, runMs: number): Promise<BenchResult> {
  const records = recordsOf(PACED_BATCH);
  const latencies: number[] = [];
  const caller = callerTime();
  const start = performance.now();
  const published: Promise<void>[] = [];
  for (let due = start; due < start + runMs; due += PACE_MS) {
    const before = performance.now();
    if (before < due) await sleep(due - before);
    const sent = performance.now();
    published.push(bus.publish(TOPICS.transactions, records).then(() => void latencies.push(performance.now() - sent)));
  }
  await Promise.all(published);
  const details = { caller_us_per_record: caller(latencies.length * PACED_BATCH), ...latencyDetails(latencies) };
  return { name: `${name}: p99 of publish at 100,000 records/s`, value: quantile(latencies, 0.99), unit: 'ms', better: 'lower', details };
}

async function measureRead(bus: Bus, name: string, runMs: number): Promise<BenchResult> {
  let count = 0;
  const caller = callerTime();
  const start = performance.now();
  for await (const { records } of readAll(bus, TOPICS.transactions)) {
    if (records.some(({ value }) => value.byteLength !== VALUE.byteLength)) throw new Error('a record came back with another length');
    count += records.length;
    if (performance.now() - start > runMs) break;
  }
  const value = (count * 1000) / (performance.now() - start);
  return {
    name: `${name}: read`,
    value,
    unit: 'records/s',
    better: 'higher',
    goal: GOAL_RECORDS,
    details: { caller_us_per_record: caller(count) },
  };
}

/** Starts to measure the CPU time of this thread; the answer is microseconds a record, rounded to 0.001. */
function callerTime(): (records: number) => number {
  const before = process.threadCpuUsage();
  return (records) => {
    const { user, system } = process.threadCpuUsage(before);
    return Math.round(((user + system) / records) * 1000) / 1000;
  };
}

function latencyDetails(latencies: readonly number[]): Record<string, number> {
  const round = (share: number): number => Math.round(quantile(latencies, share) * 100) / 100;
  return { p50_ms: round(0.5), p99_ms: round(0.99), max_ms: round(1) };
}
