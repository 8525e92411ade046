import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Bus } from '../bus/bus.ts';
import { openEmbeddedBus } from '../bus/embedded/embedded.ts';
import { readAll } from '../bus/read-all.ts';
import { GuardianError } from '../errors.ts';
import { JSON_HEADERS, jsonHeaders, type RecordHeaders } from '../topic/record-headers.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from '../store/database.ts';
import { createOutboxRelay, type OutboxRelay } from '../outbox/relay.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { at, heartbeat, manualClock, NOON, transaction } from './test-records.ts';
import { createWindowWorker, type WindowWorker } from './worker.ts';
import { until } from '../test-until.ts';

let dir = '';
let bus: Bus;
let database: Database;
let clock: ReturnType<typeof manualClock>;
let registry: Registry;
let stops: (() => Promise<void>)[] = [];
let isFrozen = false;
/** One for the database, whichever worker counts: two would send a message twice. */
let relay: OutboxRelay;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'guardian-window-'));
  clock = manualClock(NOON);
  registry = new Registry();
  bus = await openEmbeddedBus({ dir, partitions: {}, retention: { hours: 24, bytes: 1e9 }, clock, log: silentLog, writer: 'inline' });
  database = await openTestDatabase();
  relay = createOutboxRelay({ database, bus, clock, log: silentLog, metrics: new Registry() }, { pollMs: 20 });
  await relay.start();
  stops = [() => relay.stop()];
  isFrozen = false;
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await bus.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

/** True once after the program was frozen. */
function hasPaused(): boolean {
  const was = isFrozen;
  isFrozen = false;
  return was;
}

async function start(on: Database = database, maxRecords = 3): Promise<WindowWorker> {
  const worker = createWindowWorker(
    { bus, database: on, raw: createRawRows(on), clock, log: silentLog, metrics: registry, wakeRelay: relay.wake, hasPaused },
    {
      owner: 'one',
      lateMs: 90_000,
      maxGapMinutes: 60,
      liveWithinMs: 600_000,
      maxRecords,
      tickMs: 10,
      retryMs: 5,
      maxRetryMs: 20,
    },
  );
  stops.push(() => worker.stop());
  await worker.start();
  return worker;
}

async function accept(...records: InboundRecord[]): Promise<void> {
  await bus.publish(
    TOPICS.transactions,
    records.map((record) => ({ value: Buffer.from(JSON.stringify(record)) })),
  );
}

async function published(): Promise<string[]> {
  const windows: string[] = [];
  for await (const { records } of readAll(bus, TOPICS.windows)) {
    for (const { value } of records) {
      const { sequence, minute, state, cells } = JSON.parse(Buffer.from(value).toString()) as ClosedWindow;
      windows.push(`${sequence} ${(minute - NOON) / 60_000} ${state} ${cells.reduce((sum, { count }) => sum + count, 0)}`);
    }
  }
  return windows;
}

test('accepted records become windows on the bus, each minute once', async () => {
  await accept(transaction(at(0)), transaction(at(0)), transaction(at(1)), transaction(at(2)), heartbeat(at(4)));
  const worker = await start();
  await worker.drained();
  await accept(transaction(at(6)));
  await worker.drained();
  await until(async () => (await published()).length >= 4);
  assert.deepEqual(await published(), ['1 0 observed 2', '2 1 observed 1', '3 2 observed 1', '4 3 silent 0']);
  assert.equal(worker.health().status, 'ok');
});

test('a minute of one trace has it, and a minute of several causes has none', async () => {
  const trace = (id: number) => jsonHeaders({ traceparent: `00-${String(id).padStart(32, '0')}-b7ad6b7169203331-01` });
  const of = (record: InboundRecord, headers?: RecordHeaders) => ({
    value: Buffer.from(JSON.stringify(record)),
    ...(headers === undefined ? {} : { headers }),
  });
  await bus.publish(TOPICS.transactions, [
    ...[of(transaction(at(0)), trace(1)), of(transaction(at(0)), trace(1))],
    ...[of(transaction(at(1)), trace(2)), of(transaction(at(1)), trace(3))],
    ...[of(transaction(at(2)), trace(4)), of(transaction(at(2)))],
    ...[of(heartbeat(at(6))), { value: Buffer.from('x'), headers: trace(5) }, of(transaction(at(1)), trace(6))],
  ]);
  await (await start(database, 20)).drained();
  await until(async () => (await published()).length >= 5);
  const seen: unknown[] = [];
  for await (const { records } of readAll(bus, TOPICS.windows)) for (const { headers } of records) seen.push(headers);
  // Minutes 0 to 3, then the correction of minute 1 by one late record.
  assert.deepEqual(seen, [trace(1), ...Array.from({ length: 3 }, () => JSON_HEADERS), trace(6)]);
  for await (const { records } of readAll(bus, TOPICS.dead)) for (const { headers } of records) assert.deepEqual(headers, trace(5));
});

test('a restart goes on where the database is', async () => {
  await accept(transaction(at(0)), transaction(at(1)));
  const first = await start();
  await first.drained();
  await first.stop();
  registry = new Registry();
  await accept(transaction(at(1)), transaction(at(5)));
  const second = await start();
  await second.drained();
  await until(async () => (await published()).length >= 3);
  assert.deepEqual((await published()).slice(0, 2), ['1 0 observed 1', '2 1 observed 2']);
});

test('a database that is down for a while loses nothing and is not hammered', async () => {
  let calls = 0;
  let isDown = true;
  const flaky: Database = {
    ...database,
    transaction: (work) => {
      calls += 1;
      return isDown ? Promise.reject(new GuardianError('STORE_UNAVAILABLE', 'down', { retryable: true })) : database.transaction(work);
    },
  };
  await accept(transaction(at(0)), transaction(at(3)));
  const worker = await start(flaky);
  await until(async () => worker.health().status === 'degraded');
  const [before, since] = [calls, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 100));
  const waitedMs = performance.now() - since;
  assert.ok(calls - before < 0.4 * waitedMs, `${calls - before} calls within ${waitedMs} ms`);
  isDown = false;
  await worker.drained();
  assert.deepEqual(await database.query('select sum(count) as n from minute_count'), [{ n: 2 }]);
  await until(async () => worker.health().status === 'ok');
});

test('an empty database makes the same counts again from the log', async () => {
  const repeated = transaction(at(2));
  await accept(
    ...Array.from({ length: 60 }, (_, index) => transaction(at(index / 4), { merchant_id: `m-${index % 3}`, count: index })),
    repeated,
    repeated,
    heartbeat(at(30)),
  );
  const contents = (of: Database) =>
    Promise.all([
      of.query('select * from minute_count order by minute, merchant_id, status'),
      of.query('select minute, state, total, late, closed_at is null as open from minute order by minute'),
      of.query('select * from transaction order by id'),
    ]);
  const first = await start();
  await first.drained();
  await first.stop();
  const empty = await openTestDatabase();
  stops.unshift(() => empty.close());
  registry = new Registry();
  const second = await start(empty, 50);
  await second.drained();
  assert.deepEqual(await contents(empty), await contents(database));
  assert.deepEqual(await empty.query('select sum(total) as n from minute'), [{ n: 1771 }]);
});

test('silence closes the minutes of a live stream', async () => {
  await accept(transaction(at(0)));
  const worker = await start();
  await worker.drained();
  clock.set(at(3, 30));
  await until(async () => (await published()).length >= 2);
  assert.deepEqual(await published(), ['1 0 observed 1', '2 1 silent 0']);
});

test('the wall clock jumps two hours ahead and back while records come: nothing is silent, nothing is lost', async () => {
  const worker = await start();
  for (const minute of [0, 1, 2, 3, 4, 5, 6, 7]) {
    clock.set(at(minute, 30));
    if (minute === 2) clock.jump(7_200_000);
    if (minute === 5) clock.jump(-7_200_000);
    await accept(transaction(at(minute, 29), { ingested_at: clock.now() }));
    await worker.drained();
    // Two looks at the clock with nothing to read.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  clock.set(at(11, 31));
  await until(async () => (await published()).length >= 9);
  assert.deepEqual(await published(), [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((minute) => `${minute + 1} ${minute} observed 1`),
    '9 8 silent 0',
    '10 9 silent 0',
  ]);
  assert.equal(worker.health().status, 'ok');
});

test('a source that dies after a jump of the wall clock is noticed', async () => {
  const worker = await start();
  await accept(transaction(at(0)));
  await worker.drained();
  for (const jump of [7_200_000, -300_000]) clock.jump(jump);
  clock.set(at(4, 31));
  await until(async () => (await published()).length >= 3);
  assert.deepEqual(await published(), ['1 0 observed 1', '2 1 silent 0', '3 2 silent 0']);
  assert.equal(worker.health().status, 'ok');
});

test('while the program did not run nobody listened: those minutes are not silent', async () => {
  const first = await start();
  for (const minute of [0, 1]) {
    clock.set(at(minute, 30));
    await accept(transaction(at(minute, 29)));
    await first.drained();
  }
  clock.set(at(3, 40));
  await until(async () => (await published()).length >= 2);
  await first.stop();
  registry = new Registry();
  clock.set(at(33, 30));
  const second = await start();
  await accept(transaction(at(33, 29)), transaction(at(20)));
  await second.drained();
  clock.set(at(37, 31));
  await until(async () => (await published()).length >= 6);
  assert.deepEqual(
    (await published()).map((window) => window.replace(/^\d+ /, '')),
    ['0 observed 1', '1 observed 1', '20 observed 1', '33 incomplete 1', '34 silent 0', '35 silent 0'],
  );
});

test('while the program was frozen nobody listened: those minutes are not silent, and what comes for them counts and may be a part', async () => {
  const worker = await start();
  for (const minute of [0, 1]) {
    clock.set(at(minute, 30));
    await accept(transaction(at(minute, 29)));
    await worker.drained();
  }
  clock.set(at(3, 40));
  await until(async () => (await published()).length >= 2);
  isFrozen = true;
  clock.set(at(13, 30));
  await until(async () => !isFrozen);
  await accept(transaction(at(13, 29)), transaction(at(8)));
  await worker.drained();
  clock.set(at(17, 31));
  await until(async () => (await published()).length >= 6);
  assert.deepEqual(
    (await published()).map((window) => window.replace(/^\d+ /, '')),
    ['0 observed 1', '1 observed 1', '8 incomplete 1', '13 incomplete 1', '14 silent 0', '15 silent 0'],
  );
});

test('drained rejects when the worker stops first', async () => {
  const never: Database = {
    ...database,
    transaction: () => Promise.reject(new GuardianError('STORE_UNAVAILABLE', 'down', { retryable: true })),
  };
  const worker = await start(never);
  await accept(transaction(at(0)));
  const drained = worker.drained();
  drained.catch(() => undefined);
  await until(async () => worker.health().status === 'degraded');
  await worker.stop();
  await assert.rejects(drained, { code: 'BUS_CLOSED' });
});

test('metrics tell what was counted, what waits and how far event time is', async () => {
  const repeated = transaction(at(0), { status: 'denied', count: 4 });
  await accept(repeated, repeated, transaction(at(0)), transaction(at(9)), transaction(at(1)));
  const worker = await start();
  await worker.drained();
  await until(async () => (await registry.metrics()).includes('guardian_consumer_lag_records{group="guardian-window"} 0'));
  const text = await registry.metrics();
  for (const line of [
    'guardian_transactions_counted_total{status="denied"} 4',
    'guardian_transactions_counted_total{status="approved"} 3',
    'guardian_duplicates_total 1',
    'guardian_late_records_total 1',
    'guardian_windows_closed_total{state="observed"} 1',
    'guardian_windows_closed_total{state="silent"} 6',
    `guardian_watermark_seconds ${at(7, 30) / 1000}`,
  ]) {
    assert.ok(text.includes(line), line);
  }
});
