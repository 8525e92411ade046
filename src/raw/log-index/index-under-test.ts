import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { BusRecord } from '../../bus/bus.ts';
import { openEmbeddedBus, type EmbeddedBus } from '../../bus/embedded/embedded.ts';
import { readAll } from '../../bus/read-all.ts';
import { JSON_HEADERS } from '../../topic/record-headers.ts';
import { openTestDatabase, silentLog } from '../../store/test-database.ts';
import { NOON, type RawUnderTest } from '../raw-under-test.ts';
import type { RawTransactions } from '../raw-transactions.ts';
import { openLogIndex, type OpenLogIndexDeps } from './open-log-index.ts';

/** An index over a log on the disk, and what a test may do to both. */
export interface IndexUnderTest extends RawUnderTest {
  /** Path of the index file, and directory of the log. */
  readonly path: string;
  readonly logDir: string;
  bus(): EmbeddedBus;
  /** What the database says is counted. */
  readonly offsets: Map<number, number>;
  /** Closes the log, lets `change` do something to its files, and opens it again. The index is not opened. */
  withLogClosed(change: () => void): Promise<void>;
  /** Opens the index over the log as it is. `after`: what is counted once the database has been compared with the log. */
  openIndex(after?: ReadonlyMap<number, number>): Promise<void>;
  setNow(ms: number): void;
}

/** Opens an index with a log of two partitions, each block of which holds one publish. */
export async function createIndexUnderTest(options: { readonly memoryEntries?: number } = {}): Promise<IndexUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-raw-'));
  const logDir = join(dir, 'bus');
  const database = await openTestDatabase();
  const offsets = new Map<number, number>();
  let now = NOON;
  const clock = { now: () => now, monotonic: () => now };
  const openBus = () =>
    openEmbeddedBus({
      ...{ dir: logDir, partitions: { [TOPICS.transactions]: 2 }, retention: { hours: 24, bytes: 1e9 } },
      ...{ clock, log: silentLog, writer: 'inline', cleans: false },
    });
  let bus = await openBus();
  let raw: RawTransactions | undefined;
  const path = join(dir, 'raw.sqlite');

  async function openIndex(after: ReadonlyMap<number, number> = offsets): Promise<void> {
    const deps: OpenLogIndexDeps = {
      ...{ path, log: bus, database, clock, logger: silentLog, rawRetentionDays: 30 },
      onDamage: () => undefined,
      ...options,
    };
    const opened = await openLogIndex(deps, offsets);
    raw = await opened.catchUp(after);
  }
  await openIndex();
  const open = (): RawTransactions => {
    if (raw === undefined) throw new Error('the index is not open');
    return raw;
  };

  return {
    ...{ database, path, logDir, offsets, openIndex },
    bus: () => bus,
    raw: open,
    setNow: (ms) => (now = ms),
    publish: (partition, records) => publishTo(bus, partition, records),
    counted: (partition, nextOffset) => void offsets.set(partition, Math.max(nextOffset, offsets.get(partition) ?? 0)),
    async reopen(how) {
      // One that was killed never writes out what it has in memory.
      if (how === 'stopped') await open().close();
      await openIndex();
    },
    async withLogClosed(change) {
      await bus.close();
      change();
      bus = await openBus();
    },
    async release() {
      await raw?.close().catch(() => undefined);
      await bus.close();
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A key of each partition: records of one key go to one partition. */
const keys = new Map<number, string>();

async function publishTo(bus: EmbeddedBus, partition: number, records: readonly InboundRecord[]): Promise<readonly BusRecord[]> {
  const key = keys.get(partition) ?? (await findKey(bus, partition));
  const positions = await bus.publish(
    TOPICS.transactions,
    records.map((record) => ({ key, value: Buffer.from(JSON.stringify(record)), headers: JSON_HEADERS })),
  );
  const [first] = positions;
  const got: BusRecord[] = [];
  for await (const batch of readAll(bus, TOPICS.transactions, { fromOffset: first?.offset ?? 0 }))
    if (batch.partition === partition) got.push(...batch.records);
  return got.slice(0, records.length);
}

async function findKey(bus: EmbeddedBus, partition: number): Promise<string> {
  for (let n = 0; ; n += 1) {
    const key = `key-${n}`;
    const heartbeat = { v: 1, kind: 'heartbeat', occurred_at: NOON, ingested_at: NOON, source: 'test', backfill: false };
    const [place] = await bus.publish(TOPICS.transactions, [{ key, value: Buffer.from(JSON.stringify(heartbeat)) }]);
    if (place !== undefined) keys.set(place.partition, keys.get(place.partition) ?? key);
    if (keys.has(partition)) return key;
  }
}
