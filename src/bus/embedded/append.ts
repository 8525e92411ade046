import type { DatabaseSync } from 'node:sqlite';
import { packBlock, stampBlock } from './block.ts';
import { inTransaction } from '../../sqlite/in-transaction.ts';
import type { AppendRequest } from './writer.ts';

interface Head {
  next: number;
  publishedAt: number;
  bytes: number;
}

/** Appends to one open topic file. */
export interface Appender {
  /** Commits all requests in one transaction; returns, per request, the first offset of each block. Offsets come from
   *  the file inside the transaction, so several writers never give out the same one. Throws what SQLite throws. */
  append(requests: readonly AppendRequest[]): number[][];
}

/** Prepares the statements that append to `db`. */
export function createAppender(db: DatabaseSync): Appender {
  const readHead = db.prepare('SELECT next_offset, published_at FROM partitions WHERE partition = ?');
  const writeHead = db.prepare(
    `INSERT INTO partitions (partition, next_offset, published_at, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (partition)
     DO UPDATE SET next_offset = excluded.next_offset, published_at = excluded.published_at, bytes = bytes + excluded.bytes`,
  );
  const insert = db.prepare('INSERT INTO blocks (partition, first_offset, count, published_at, bytes, data) VALUES (?, ?, ?, ?, ?, ?)');

  function headOf(heads: Map<number, Head>, partition: number): Head {
    let head = heads.get(partition);
    if (head === undefined) {
      const row = readHead.get(partition);
      head = { next: Number(row?.['next_offset'] ?? 0), publishedAt: Number(row?.['published_at'] ?? 0), bytes: 0 };
      heads.set(partition, head);
    }
    return head;
  }

  function appendRequest(heads: Map<number, Head>, request: AppendRequest): number[] {
    return request.blocks.map((block) => {
      const head = headOf(heads, block.partition);
      const firstOffset = head.next;
      // Time never goes back within a partition: that is what lets it be searched by time.
      head.publishedAt = Math.max(head.publishedAt, request.publishedAt);
      insert.run(block.partition, firstOffset, block.count, head.publishedAt, block.bytes.byteLength, block.bytes);
      head.next += block.count;
      head.bytes += block.bytes.byteLength;
      return firstOffset;
    });
  }

  return {
    append(requests) {
      const packed = requests.map(pack);
      return inTransaction(db, () => {
        const heads = new Map<number, Head>();
        const offsets = packed.map((request) => appendRequest(heads, request));
        for (const [partition, head] of heads) writeHead.run(partition, head.next, head.publishedAt, head.bytes);
        return offsets;
      });
    },
  };
}

/** The blocks as they are stored: compressed where that pays, with their checksums. */
function pack(request: AppendRequest): AppendRequest {
  const blocks = request.blocks.map((block) => ({ ...block, bytes: packBlock(block.bytes) }));
  for (const { bytes } of blocks) stampBlock(bytes);
  return { ...request, blocks };
}
