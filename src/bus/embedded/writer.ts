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

/** What one step of retention did. `sizeBytes`: records kept, all topics. `more`: another step would delete more. */
export interface MaintenanceReport {
  readonly deletedBlocks: number;
  readonly deletedBytes: number;
  readonly sizeBytes: number;
  readonly more: boolean;
}

/** Puts blocks on the disk, in the calling thread or in one of its own. */
export interface Writer {
  /** Resolves after the commit with the first offset of each block. Requests of a topic are committed in call order.
   *  Throws BUS_UNAVAILABLE. */
  append(request: AppendRequest): Promise<readonly number[]>;
  /** One small step of retention and of giving space back. `nowMs`: epoch milliseconds. Throws BUS_UNAVAILABLE. */
  maintain(nowMs: number): Promise<MaintenanceReport>;
  /** Finishes what was asked before and closes the files. */
  close(): Promise<void>;
}

/** Settings of a writer; they can be sent to another thread. */
export interface WriterSettings {
  readonly dir: string;
  readonly partitions: Readonly<Record<Topic, number>>;
  readonly retention: { readonly hours: number; readonly bytes: number };
  readonly maxFileBytes?: number | undefined;
}
