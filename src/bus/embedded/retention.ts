import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { topicPath } from './topic-file.ts';
import { inTransaction } from '../../sqlite/in-transaction.ts';
import type { MaintenanceReport, Retention, RetentionFloor } from './writer.ts';

const STEP_BLOCKS = 64;
const STEP_BYTES = 16_777_216;
const VACUUM_PAGES = 512;
const KEPT_FREE_PAGES = 2048;
const WAL_TOO_LARGE_BYTES = 134_217_728;
const HOUR_MS = 3_600_000;

export interface RetentionLimits extends Retention {
  readonly nowMs: number;
  readonly floor: RetentionFloor;
}

interface OldBlock {
  readonly topic: Topic;
  readonly id: number;
  readonly partition: number;
  readonly publishedAt: number;
  readonly bytes: number;
}

/** Topics that share a budget. */
interface Share {
  readonly files: ReadonlyMap<Topic, DatabaseSync>;
  readonly bytes: number;
  readonly hours: number;
}

/** Deletes the oldest blocks that are too old or too many, at most 64 blocks or 16 MiB of each budget in a step; what a
 *  reader still needs and the newest block of a partition always stay. Throws what SQLite throws. */
export function retainStep(files: ReadonlyMap<Topic, DatabaseSync>, limits: RetentionLimits): MaintenanceReport {
  const part = (isWanted: (topic: Topic) => boolean) => new Map([...files].filter(([topic]) => isWanted(topic)));
  const transactions = part((topic) => topic === TOPICS.transactions);
  const counted = retainShare({ files: transactions, bytes: limits.bytes, hours: limits.transactionHours ?? limits.hours }, limits);
  const derived = retainShare(
    { files: part((topic) => topic !== TOPICS.transactions), bytes: limits.derivedBytes ?? limits.bytes, hours: limits.hours },
    limits,
  );
  const isOver = counted.sizeBytes > limits.bytes && !counted.more;
  return {
    deletedBlocks: counted.deletedBlocks + derived.deletedBlocks,
    deletedBytes: counted.deletedBytes + derived.deletedBytes,
    sizeBytes: counted.sizeBytes + derived.sizeBytes,
    more: counted.more || derived.more,
    fill: counted.sizeBytes / limits.bytes,
    isFull: isOver && [...transactions].some(([topic, db]) => isNeeded(db, limits.floor.get(topic))),
  };
}

function retainShare({ files, bytes, hours }: Share, { nowMs, floor }: RetentionLimits) {
  const oldestKept = nowMs - hours * HOUR_MS;
  let sizeBytes = 0;
  const candidates: OldBlock[] = [];
  for (const [topic, db] of files) {
    sizeBytes += sizeOf(db);
    candidates.push(...oldestBlocks(topic, db, floor.get(topic)));
  }
  candidates.sort((a, b) => a.publishedAt - b.publishedAt || a.id - b.id);
  const doomed: OldBlock[] = [];
  let deletedBytes = 0;
  for (const block of candidates) {
    const unwanted = block.publishedAt < oldestKept || sizeBytes - deletedBytes > bytes;
    if (!unwanted || doomed.length >= STEP_BLOCKS || deletedBytes >= STEP_BYTES) break;
    doomed.push(block);
    deletedBytes += block.bytes;
  }
  for (const [topic, db] of files)
    deleteBlocks(
      db,
      doomed.filter((block) => block.topic === topic),
    );
  const more = doomed.length >= STEP_BLOCKS || deletedBytes >= STEP_BYTES;
  return { deletedBlocks: doomed.length, deletedBytes, sizeBytes: sizeBytes - deletedBytes, more };
}

function sizeOf(db: DatabaseSync): number {
  return Number(db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM partitions').get()?.['bytes']);
}

/** `needed`: first offset of each partition that must stay; undefined for a topic that nobody needs. */
function oldestBlocks(topic: Topic, db: DatabaseSync, needed: ReadonlyMap<number, number> | undefined): OldBlock[] {
  const select = db.prepare(
    `SELECT id, partition, published_at, bytes FROM blocks
     WHERE partition = ? AND first_offset + count < ? AND first_offset + count <= ? ORDER BY first_offset LIMIT ${STEP_BLOCKS}`,
  );
  const rows = partitionsOf(db).flatMap(({ partition, next }) =>
    select.all(partition, next, needed === undefined ? next : (needed.get(partition) ?? 0)),
  );
  return rows.map((row) => ({
    topic,
    id: Number(row['id']),
    partition: Number(row['partition']),
    publishedAt: Number(row['published_at']),
    bytes: Number(row['bytes']),
  }));
}

function isNeeded(db: DatabaseSync, needed: ReadonlyMap<number, number> | undefined): boolean {
  return needed !== undefined && partitionsOf(db).some(({ partition, next }) => next > (needed.get(partition) ?? 0));
}

function partitionsOf(db: DatabaseSync): { readonly partition: number; readonly next: number }[] {
  const rows = db.prepare('SELECT partition, next_offset FROM partitions').all();
  return rows.map((row) => ({ partition: Number(row['partition']), next: Number(row['next_offset']) }));
}

function deleteBlocks(db: DatabaseSync, blocks: readonly OldBlock[]): void {
  if (blocks.length === 0) return;
  const remove = db.prepare('DELETE FROM blocks WHERE id = ?');
  const shrink = db.prepare('UPDATE partitions SET bytes = bytes - ? WHERE partition = ?');
  inTransaction(db, () => {
    for (const block of blocks) {
      // Another process may have deleted it in the meantime.
      if (Number(remove.run(block.id).changes) === 1) shrink.run(block.bytes, block.partition);
    }
  });
}

/** Gives free pages back to the file system when a quarter of the file is free, in small steps, and shortens a
 *  write-ahead log that readers kept from being reused. Returns true when there is more to give back. */
export function giveSpaceBack(dir: string, topic: Topic, db: DatabaseSync): boolean {
  const free = pragma(db, 'freelist_count');
  const spare = Math.max(KEPT_FREE_PAGES, pragma(db, 'page_count') / 4);
  if (free > spare) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  const wal = statSync(`${topicPath(dir, topic)}-wal`, { throwIfNoEntry: false });
  if (wal !== undefined && wal.size > WAL_TOO_LARGE_BYTES) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return free - VACUUM_PAGES > spare;
}

function pragma(db: DatabaseSync, name: 'freelist_count' | 'page_count'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
