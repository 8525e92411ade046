import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';

/** Largest key and value together, in bytes, that every engine must take. */
export const MAX_RECORD_BYTES = 8_388_608;

/** Most bytes that the headers of one record may have, as JSON. */
export const MAX_HEADERS_BYTES = 8192;

/** A record to publish. Records with the same key keep their order (same partition). */
export interface OutRecord {
  readonly key?: string;
  readonly value: Uint8Array;
  /** `traceparent`, `tracestate`, `schema-version`, `content-type`; every engine hands them over unchanged. Default: none. */
  readonly headers?: RecordHeaders;
}

/** A record as read. `publishedAt`: epoch milliseconds, the bus's clock. */
export interface BusRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: Uint8Array;
  /** Empty where the record has none. */
  readonly headers: RecordHeaders;
  readonly publishedAt: number;
  /** Offset behind the record before, where the engine has offsets that hold no record of their own (parts of a large record, markers of
   *  transactions): from there on nothing is missing. Default: `offset`. */
  readonly since?: number;
}

/** Where a record went. */
export interface Position {
  readonly partition: number;
  readonly offset: number;
}

/** Records of one partition, in offset order. `generation` grows with every change of assignment in the group. */
export interface Batch {
  readonly partition: number;
  readonly generation: number;
  readonly records: readonly BusRecord[];
}

/** Extent of a partition: `earliest` kept offset, and `next`, the offset that the next record will get. */
export interface PartitionRange {
  readonly partition: number;
  readonly earliest: number;
  readonly next: number;
}

export interface SubscribeOptions {
  readonly topic: Topic;
  /** Members of one group share the partitions. Without a group the subscription reads every partition for itself, is
   *  never rebalanced, and its generation is 0: for tails and replays. */
  readonly group?: string;
  /** First offset to read in an assigned partition; the caller usually asks its database. It is asked at every generation,
   *  also for a partition that the member keeps, and always with the generation that the next batches carry: it is the
   *  place to claim the partition. 'latest' is the end of the partition when the member was first given it, or the place that
   *  it has come to since. An offset below the earliest kept one continues at the earliest. */
  readonly position: (partition: number, generation: number) => Promise<number | 'earliest' | 'latest'>;
  /** Most records in a batch (default 5 000). */
  readonly maxRecords?: number;
}

/** A member of a consumer group. Pull: nothing is read before `next` is called. */
export interface Subscription {
  /** The next batch with at least one record; null after `timeoutMs` (default: wait for ever) without one, and null
   *  once closed. One call at a time. Throws BUS_UNAVAILABLE (retryable), BUS_OFFSET_OUT_OF_RANGE when `position` is
   *  beyond the end of the partition, and whatever `position` throws, unless the partitions were shared again meanwhile
   *  (it is asked again by the next call). */
  next(options?: { readonly timeoutMs?: number }): Promise<Batch | null>;
  /** True while the assignment that brought the batch stands. A member whose batch was refused as fenced after the
   *  partitions were shared again just goes on; leaving and joining again would fence the others in turn. */
  isCurrent(batch: Batch): boolean;
  close(): Promise<void>;
}

/** Where ingestion puts what it accepts: the log, or a log with a spool before it. */
export interface Intake<Answer = unknown> {
  /** Resolves when the records survive a power cut. Throws what `publish` of the log throws. */
  publish(topic: Topic, records: readonly OutRecord[]): Promise<Answer>;
}

/** How much of what was accepted is held for a log that is away. `oldestAt`: since when, epoch milliseconds; null where nothing is. */
export interface SpoolState {
  readonly records: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly oldestAt: number | null;
}

/** The durable log between the stages. Engines: `embedded` (SQLite), `kafka`. */
export interface Bus extends Intake<readonly Position[]> {
  /** Appends records; resolves when they survive a power cut, with one position a record, in order. The records are
   *  copied before the call returns. A publish that failed may be stored all the same: consumers expect repeats.
   *  Throws BUS_UNAVAILABLE and BUS_FULL (retryable), BUS_RECORD_TOO_LARGE (key and value above `MAX_RECORD_BYTES`,
   *  headers above `MAX_HEADERS_BYTES`), BUS_CLOSED. */
  publish(topic: Topic, records: readonly OutRecord[]): Promise<readonly Position[]>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  ranges(topic: Topic): Promise<readonly PartitionRange[]>;
  /** First offset published at or after `timeMs`; the partition's `next` when there is none. */
  offsetAt(topic: Topic, partition: number, timeMs: number): Promise<number>;
  close(): Promise<void>;
}
