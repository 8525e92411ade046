import type { DatabaseSync } from 'node:sqlite';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import { messageOf } from '../../errors.ts';
import type { BusRecord, PartitionRange } from '../bus.ts';
import { decodeBlock } from './block.ts';
import type { BusMetrics, SkipReason } from '../metrics.ts';
import { unavailable } from './topic-file.ts';
import { isDamage } from '../../sqlite/sqlite-error.ts';

const BLOCKS_AHEAD = 64;

/** Most that one read returns; at least one record when there is one. */
export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Records in offset order. `rest`: those of the last block that were over the limit. `next`: offset after both. */
export interface ReadResult {
  readonly records: BusRecord[];
  readonly rest: BusRecord[];
  readonly next: number;
}

/** Reads one topic file. Everything is synchronous; all throw BUS_UNAVAILABLE. */
export interface TopicFileReader {
  ranges(): PartitionRange[];
  /** What the file was made with. */
  identity(): string;
  offsetAt(partition: number, timeMs: number): number;
  /** Records from `offset` on. Damaged blocks and deleted records are reported and passed over. */
  read(partition: number, offset: number, limits: ReadLimits): ReadResult;
  /** One record; undefined when it is not kept or its block is damaged. */
  readOne(partition: number, offset: number): BusRecord | undefined;
  close(): void;
}

interface BlockFacts {
  readonly id: number;
  readonly firstOffset: number;
  readonly count: number;
  readonly publishedAt: number;
  readonly bytes: number;
}

/** Reads from `db`, the open file of `topic`. */
export function createTopicReader(
  db: DatabaseSync,
  topic: Topic,
  report: { readonly log: Logger; readonly metrics: BusMetrics },
): TopicFileReader {
  const selectRanges = db.prepare(
    `SELECT partition, next_offset, coalesce((SELECT min(first_offset) FROM blocks b WHERE b.partition = p.partition), next_offset) AS earliest
     FROM partitions p ORDER BY partition`,
  );
  const selectBlocks = db.prepare(
    `SELECT id, first_offset, count, published_at, bytes FROM blocks
     WHERE partition = ?1 AND first_offset >=
       coalesce((SELECT max(first_offset) FROM blocks WHERE partition = ?1 AND first_offset <= ?2), ?2)
     ORDER BY first_offset LIMIT ${BLOCKS_AHEAD}`,
  );
  const selectData = db.prepare('SELECT data FROM blocks WHERE id = ?');

  function attempt<T>(doing: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw unavailable(doing, topic, error);
    }
  }

  function skip(partition: number, reason: SkipReason, from: number, records: number, error?: unknown): void {
    report.metrics.skipped(topic, reason, records);
    const facts = { topic, partition, offset: from, records, reason, ...(error === undefined ? {} : { detail: messageOf(error) }) };
    if (reason === 'corrupt') report.log.error(facts, 'skipped a damaged log block');
    else report.log.warn(facts, 'retention deleted records before they were read');
  }

  function blocksFrom(partition: number, offset: number): BlockFacts[] {
    return attempt('read', () => selectBlocks.all(partition, offset))
      .map(toFacts)
      .filter((block) => block.firstOffset + block.count > offset);
  }

  function load(partition: number, block: BlockFacts): BusRecord[] {
    try {
      const data = selectData.get(block.id)?.['data'];
      if (data instanceof Uint8Array) return decodeBlock(data, block);
      // Deleted between the two statements.
      skip(partition, 'retention', block.firstOffset, block.count);
    } catch (error) {
      if (!(error instanceof RangeError) && !isDamage(error)) throw unavailable('read', topic, error);
      skip(partition, 'corrupt', block.firstOffset, block.count, error);
    }
    return [];
  }

  function read(partition: number, offset: number, limits: ReadLimits): ReadResult {
    const records: BusRecord[] = [];
    let next = offset;
    let bytes = 0;
    while (records.length < limits.maxRecords && bytes < limits.maxBytes) {
      const blocks = blocksFrom(partition, next);
      if (blocks.length === 0) break;
      for (const block of blocks) {
        if (block.firstOffset > next) skip(partition, 'retention', next, block.firstOffset - next);
        const wanted = next - block.firstOffset;
        const loaded = load(partition, block);
        next = block.firstOffset + block.count;
        // As it is in memory: on the disk it may be compressed.
        bytes += Math.max(block.bytes, loaded[0]?.value.buffer.byteLength ?? 0);
        for (let index = Math.max(0, wanted); index < loaded.length; index += 1) records.push(loaded[index] as BusRecord);
        if (records.length >= limits.maxRecords || bytes >= limits.maxBytes) break;
      }
    }
    return { records, rest: records.length > limits.maxRecords ? records.splice(limits.maxRecords) : [], next };
  }

  function readOne(partition: number, offset: number): BusRecord | undefined {
    const [block] = blocksFrom(partition, offset);
    if (block === undefined || block.firstOffset > offset) return undefined;
    try {
      const data = selectData.get(block.id)?.['data'];
      return data instanceof Uint8Array ? decodeBlock(data, block)[offset - block.firstOffset] : undefined;
    } catch (error) {
      if (error instanceof RangeError || isDamage(error)) return undefined;
      throw unavailable('read', topic, error);
    }
  }

  return {
    ranges: () =>
      attempt('read', () => selectRanges.all()).map((row) => ({
        partition: Number(row['partition']),
        earliest: Number(row['earliest']),
        next: Number(row['next_offset']),
      })),
    identity: () => String(attempt('read', () => db.prepare('SELECT id FROM identity').get())?.['id']),
    offsetAt: (partition, timeMs) => attempt('search', () => searchByTime(db, partition, timeMs)),
    read,
    readOne,
    close: () => db.close(),
  };
}

/** Times never go back within a partition, so halving the range of offsets finds the first block that is new enough. */
function searchByTime(db: DatabaseSync, partition: number, timeMs: number): number {
  const extent = db
    .prepare(
      `SELECT next_offset, coalesce((SELECT min(first_offset) FROM blocks b WHERE b.partition = p.partition), next_offset) AS earliest
       FROM partitions p WHERE partition = ?`,
    )
    .get(partition);
  const blockAt = db.prepare(
    `SELECT id, first_offset, count, published_at, bytes FROM blocks
     WHERE partition = ? AND first_offset <= ? ORDER BY first_offset DESC LIMIT 1`,
  );
  let low = Number(extent?.['earliest'] ?? 0);
  let high = Number(extent?.['next_offset'] ?? 0);
  while (low < high) {
    const row = blockAt.get(partition, Math.floor((low + high) / 2));
    if (row === undefined) return high;
    const block = toFacts(row);
    if (block.publishedAt >= timeMs) high = block.firstOffset;
    else low = block.firstOffset + block.count;
  }
  return high;
}

function toFacts(row: Record<string, unknown>): BlockFacts {
  return {
    id: Number(row['id']),
    firstOffset: Number(row['first_offset']),
    count: Number(row['count']),
    publishedAt: Number(row['published_at']),
    bytes: Number(row['bytes']),
  };
}
