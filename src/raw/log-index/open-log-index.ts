import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../bus/bus.ts';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { listStoredIds } from '../../store/verbs/transaction/list-stored-ids.ts';
import type { RawTransactions } from '../raw-transactions.ts';
import { detachAll } from './detach.ts';
import { createIdIndex, type IdIndex } from './id-index.ts';
import type { IndexedLog } from './indexed-log.ts';
import { POSITIONS } from './index-writer.ts';
import { createLogIndex, type CatchUp, type LogIndex } from './log-index.ts';
import { isDamaged, openRunFile, type RunFile } from './run-file.ts';

/** Next offset to count, by partition; a partition that was never counted is not there. */
type Offsets = ReadonlyMap<number, number>;

export interface OpenLogIndexDeps {
  /** The file; it is made when it is not there. */
  readonly path: string;
  readonly log: IndexedLog;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rawRetentionDays: number;
  /** Called when the file turns out to be damaged; the next opening makes it again from the log. */
  readonly onDamage: () => void;
  /** Entries in memory before they are written out (default 131 072). */
  readonly memoryEntries?: number;
}

/** An index that does not know yet what was counted without it. */
export interface OpenedLogIndex {
  /** Takes in what was counted and is not in the index, up to the offsets that are counted now. Nothing may be admitted before. */
  catchUp(counted: Offsets): Promise<RawTransactions>;
}

const LOG = 'log';
const IMPORTED = 'imported';
const ROWS = 5000;
const PATIENCE_MS = 1000;
const MINUTE_MS = 60_000;

/** Opens the index of a log. `counted`: the offsets as the database had them before anybody compared it with the log. A database that
 *  has counted nothing starts empty, and so does its index. Of a log that is another one, or ends earlier than it did, no place holds:
 *  what was counted stays known. Throws APP_DATA_DIR. */
export async function openLogIndex(deps: OpenLogIndexDeps, counted: Offsets): Promise<OpenedLogIndex> {
  const { path, log, logger } = deps;
  if (counted.size === 0 || existsSync(damageMark(path))) remove(path);
  const file = openOrRenew(deps);
  const ranges = await log.ranges(TOPICS.transactions);
  let positions = readPositions(file);
  const identity = log.identity(TOPICS.transactions);
  const known = file.fact(LOG);
  const index = createIdIndex(file, deps.memoryEntries === undefined ? {} : { memoryEntries: deps.memoryEntries });
  if (known !== undefined && (known !== identity || isShorter(ranges, positions) || isShorter(ranges, counted))) {
    logger.warn({ path }, 'the log of transactions is not the one that was indexed; what was counted stays known');
    index.flush({});
    await detachAll(file, { counted, minute: minuteOf(deps.clock), facts: { [LOG]: identity, [POSITIONS]: '[]' } });
    positions = new Map();
  } else if (known === undefined) file.put(() => null, [], { [LOG]: identity });
  const raw = createLogIndex({ ...deps, index, onDamage: () => noteDamage(deps) }, positions);
  return {
    async catchUp(now) {
      await bringUp(deps, { raw, index, positions, counted: now, isImported: file.fact(IMPORTED) !== undefined });
      return raw;
    },
  };
}

interface Behind {
  readonly raw: LogIndex;
  readonly index: IdIndex;
  readonly positions: Offsets;
  readonly counted: Offsets;
  readonly isImported: boolean;
}

async function bringUp(deps: OpenLogIndexDeps, { raw, index, positions, counted, isImported }: Behind): Promise<void> {
  const started = deps.clock.monotonic();
  const catchUp = await raw.beginCatchUp();
  const records = await readLog(deps.log, catchUp, positions, counted);
  const rows = isImported ? 0 : await readRows(deps.database, catchUp);
  if (!isImported || records > 0) catchUp.finish({ [IMPORTED]: 'yes' });
  if (records + rows === 0) return;
  const ms = Math.round(deps.clock.monotonic() - started);
  deps.logger.info({ records, rows, ms, entries: index.entries }, 'the index of transactions has taken in what was counted');
}

/** Reads the counted records of the log that are not indexed. Returns how many. */
async function readLog(log: IndexedLog, catchUp: CatchUp, positions: Offsets, counted: Offsets): Promise<number> {
  const open = new Map<number, number>();
  const starts = new Map<number, number>();
  for (const { partition, earliest, next } of await log.ranges(TOPICS.transactions)) {
    const start = Math.max(positions.get(partition) ?? 0, earliest);
    const end = Math.min(counted.get(partition) ?? 0, next);
    if (start >= end) continue;
    starts.set(partition, start);
    open.set(partition, end);
  }
  if (open.size === 0) return 0;
  const subscription = await log.subscribe({
    topic: TOPICS.transactions,
    position: async (partition) => starts.get(partition) ?? 'latest',
  });
  let taken = 0;
  try {
    while (open.size > 0) {
      const batch = await subscription.next({ timeoutMs: PATIENCE_MS });
      // Up to the end all is stored: what does not come is damaged.
      if (batch === null) return taken;
      const end = open.get(batch.partition) ?? 0;
      for (const { offset, value } of batch.records) {
        if (offset >= end) break;
        const record = transactionIn(value);
        if (record !== undefined) catchUp.take(batch.partition, record, offset);
        taken += 1;
      }
      const next = Math.min(end, (batch.records.at(-1)?.offset ?? 0) + 1);
      if (open.has(batch.partition)) catchUp.reached(batch.partition, next);
      if (next >= end) open.delete(batch.partition);
    }
  } finally {
    await subscription.close();
  }
  return taken;
}

function transactionIn(value: Uint8Array) {
  try {
    const record = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as InboundRecord;
    const isWhole = record.kind === 'transaction' && typeof record.id === 'string' && typeof record.content_hash === 'string';
    return isWhole ? record : undefined;
  } catch {
    // The window stage gave it up as well.
    return undefined;
  }
}

/** Takes in the ids of rows that an earlier version kept. Returns how many. */
async function readRows(database: Database, catchUp: CatchUp): Promise<number> {
  let taken = 0;
  for (let after = ''; ;) {
    const rows = await listStoredIds(database, { after, limit: ROWS });
    for (const { id, content_hash, ingested_at } of rows) catchUp.takeDetached(id, content_hash, Math.floor(ingested_at / MINUTE_MS));
    taken += rows.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS) return taken;
    after = last.id;
  }
}

function isShorter(ranges: readonly PartitionRange[], reached: Offsets): boolean {
  return [...reached].some(([partition, offset]) => offset > (ranges.find((range) => range.partition === partition)?.next ?? 0));
}

function readPositions(file: RunFile): Map<number, number> {
  return new Map(JSON.parse(file.fact(POSITIONS) ?? '[]') as [number, number][]);
}

/** A damaged file is rebuilt: the log and the database have all that was in it. */
function openOrRenew({ path, logger, clock }: OpenLogIndexDeps): RunFile {
  try {
    return openRunFile(path);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const aside = `${path}.damaged-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
    logger.error({ reason: messageOf(error), aside }, 'the index of transactions is damaged; it is quarantined and rebuilt from the log');
    renameSync(path, aside);
    remove(path);
    return openRunFile(path);
  }
}

function noteDamage({ path, onDamage, logger }: OpenLogIndexDeps): void {
  logger.error({ path }, 'the index of transactions is damaged; it is rebuilt from the log');
  writeFileSync(damageMark(path), '');
  onDamage();
}

const damageMark = (path: string): string => `${path}.damaged`;

function remove(path: string): void {
  for (const part of ['', '-wal', '-shm', '.damaged']) rmSync(path + part, { force: true });
}

function minuteOf(clock: Clock): number {
  return Math.floor(clock.now() / MINUTE_MS);
}
