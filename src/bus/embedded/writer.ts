import type { Topic } from '@transaction-guardian/contracts/topics.ts';

/** A full block on its way to the disk. `bytes` belong to the writer from then on: they may move to another thread. */
export interface PackedBlock {
  readonly partition: number;
  readonly count: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Blocks of one topic that are committed together or not at all. `publishedAt`: epoch milliseconds. */
export interface AppendRequest {
  readonly topic: Topic;
  readonly publishedAt: number;
  readonly blocks: readonly PackedBlock[];
}

/** First offset that a reader still needs, by topic and partition. Nothing of it and after it is deleted; a partition
 *  that is not named is kept whole, a topic that is not named is free. */
export type RetentionFloor = ReadonlyMap<Topic, ReadonlyMap<number, number>>;

/** What is kept: so many hours (of transactions `transactionHours`, default: as many), so many bytes of transactions, and so many of
 *  all other topics together (default: as many). */
export interface Retention {
  readonly hours: number;
  readonly transactionHours?: number;
  readonly bytes: number;
  readonly derivedBytes?: number;
}

/** What one step of retention did. `sizeBytes`: records kept, all topics. `more`: another step would delete more. */
export interface MaintenanceReport {
  readonly deletedBlocks: number;
  readonly deletedBytes: number;
  readonly sizeBytes: number;
  readonly more: boolean;
  /** How much of their bytes the transactions take, 1 = all. */
  readonly fill: number;
  /** The transactions take more than their bytes and the floor lets none of them be deleted. */
  readonly isFull: boolean;
}

/** Puts blocks on the disk, in the calling thread or in one of its own. */
export interface Writer {
  /** Resolves after the commit with the first offset of each block. Requests of a topic are committed in call order.
   *  Throws BUS_UNAVAILABLE. */
  append(request: AppendRequest): Promise<readonly number[]>;
  /** One small step of retention and of giving space back. `nowMs`: epoch milliseconds. Throws BUS_UNAVAILABLE. */
  maintain(nowMs: number, floor: RetentionFloor): Promise<MaintenanceReport>;
  /** Finishes what was asked before and closes the files. */
  close(): Promise<void>;
}

/** Settings of a writer; they can be sent to another thread. */
export interface WriterSettings {
  readonly dir: string;
  readonly partitions: Readonly<Record<Topic, number>>;
  readonly retention: Retention;
  readonly maxFileBytes?: number | undefined;
}
