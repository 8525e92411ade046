import { randomUUID } from 'node:crypto';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { MessageToProduce } from '@platformatic/kafka';
import type { Clock } from '../../clock.ts';
import type { OutRecord, Position } from '../bus.ts';
import type { BusMetrics } from '../metrics.ts';
import { PART_HEADER, writePart } from './part.ts';
import { partitionOf } from './partitioner.ts';
import { toKafkaHeaders } from './record-codec.ts';
import type { Produce } from './producer.ts';
import type { KafkaTopic } from './topics.ts';

/** A batch may have this share of what the brokers take: the limit counts what surrounds the records as well. */
const BATCH_SHARE = 0.9;
const RECORD_OVERHEAD_BYTES = 64;
/** Most bytes of one request: compressing them holds up the thread. */
const REQUEST_BYTES = 4_194_304;
const NO_KAFKA_HEADERS = new Map<Buffer, Buffer>();

export interface LaneOptions {
  readonly topic: Topic;
  readonly kafka: KafkaTopic;
  readonly send: Produce;
  readonly clock: Clock;
  readonly metrics: BusMetrics;
  /** Called when records were stored or refused. */
  readonly settled: (records: number, bytes: number) => void;
}

/** The way of one topic's records to the brokers: publishes gather while a request is on its way. */
export interface Lane {
  /** Copies the records; resolves with their positions once every broker that must have them has. */
  add(records: readonly OutRecord[], bytes: number): Promise<readonly Position[]>;
  /** Resolves when nothing waits. */
  drain(): Promise<void>;
}

interface Publish {
  readonly positions: Position[];
  readonly count: number;
  readonly bytes: number;
  readonly startedAt: number;
  left: number;
  isOver: boolean;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A record on its way. `sent`: parts that are stored, of a large one; `first`: offset of the first of them. */
interface Entry {
  readonly publish: Publish;
  readonly index: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
  readonly bytes: number;
  readonly timestamp: bigint;
  readonly series: string | undefined;
  sent: number;
  first: number | null;
}

/** Creates the lane of a topic. One request at a time, so that a retry never overtakes. */
export function createLane(options: LaneOptions): Lane {
  const { kafka, clock, metrics } = options;
  const batchBytes = Math.floor(kafka.maxBatchBytes * BATCH_SHARE);
  const queues: Entry[][] = Array.from({ length: kafka.partitions }, () => []);
  const drained: (() => void)[] = [];
  let isSending = false;
  let turn = 0;
  let keyless = 0;

  function enqueue(records: readonly OutRecord[], publish: Publish): void {
    const timestamp = BigInt(clock.now());
    const spread = keyless++ % kafka.partitions;
    const slab = Buffer.allocUnsafe(records.reduce((sum, { value }) => sum + value.byteLength, 0));
    let at = 0;
    for (const [index, record] of records.entries()) {
      slab.set(record.value, at);
      const value = slab.subarray(at, (at += record.value.byteLength));
      const key = record.key === undefined || record.key === '' ? undefined : Buffer.from(record.key);
      const headers = record.headers === undefined ? NO_KAFKA_HEADERS : toKafkaHeaders(record.headers);
      const bytes = value.length + (key?.length ?? 0) + RECORD_OVERHEAD_BYTES + sizeOf(headers);
      const series = bytes > batchBytes ? randomUUID() : undefined;
      const partition = key === undefined ? spread : partitionOf(key, kafka.partitions);
      queues[partition]?.push({ publish, index, key, value, headers, bytes, timestamp, series, sent: 0, first: null });
    }
  }

  /** What goes with the next request: of each partition one batch. */
  function nextRound(): Map<number, Entry[]> {
    const round = new Map<number, Entry[]>();
    let total = 0;
    for (let step = 0; step < queues.length && total < REQUEST_BYTES; step += 1) {
      const partition = (turn + step) % queues.length;
      const taken = takeBatch(queues[partition] as Entry[], batchBytes);
      if (taken.length === 0) continue;
      total += taken.reduce((sum, { bytes }) => sum + Math.min(bytes, batchBytes), 0);
      round.set(partition, taken);
    }
    turn = (turn + 1) % queues.length;
    return round;
  }

  async function sendAll(): Promise<void> {
    // Publishes of this turn of the event loop share a request.
    await new Promise((resolve) => setImmediate(resolve));
    for (let round = nextRound(); round.size > 0; round = nextRound()) {
      try {
        const messages = [...round].flatMap(([partition, entries]) =>
          entries.map((entry) => toMessage(entry, kafka.name, partition, batchBytes)),
        );
        const bases = await options.send(messages);
        for (const [partition, entries] of round) settle(partition, entries, bases.get(partition) ?? 0);
      } catch (error) {
        refuse(new Set([...round.values()].flat().map(({ publish }) => publish)), error);
      }
    }
  }

  function settle(partition: number, entries: readonly Entry[], base: number): void {
    for (const [step, entry] of entries.entries()) {
      const offset = base + step;
      if (entry.series !== undefined) {
        entry.first ??= offset;
        entry.sent += 1;
        if (entry.sent < partsOf(entry, batchBytes)) {
          if (!entry.publish.isOver) queues[partition]?.unshift(entry);
          continue;
        }
      }
      const { publish } = entry;
      publish.positions[entry.index] = { partition, offset };
      if (--publish.left > 0 || publish.isOver) continue;
      finish(publish);
      metrics.published(options.topic, publish.count, (clock.monotonic() - publish.startedAt) / 1000);
      publish.resolve(publish.positions);
    }
  }

  function finish(publish: Publish): void {
    publish.isOver = true;
    options.settled(publish.count, publish.bytes);
  }

  function refuse(publishes: ReadonlySet<Publish>, error: unknown): void {
    for (const [partition, queue] of queues.entries()) queues[partition] = queue.filter(({ publish }) => !publishes.has(publish));
    for (const publish of publishes) {
      if (publish.isOver) continue;
      finish(publish);
      metrics.publishFailed(options.topic);
      publish.reject(error);
    }
  }

  function flush(): void {
    if (isSending) return;
    isSending = true;
    void sendAll().finally(() => {
      isSending = false;
      if (queues.some((queue) => queue.length > 0)) flush();
      else for (const resolve of drained.splice(0)) resolve();
    });
  }

  return {
    add(records, bytes) {
      return new Promise((resolve, reject) => {
        const { length } = records;
        enqueue(records, {
          ...{ positions: new Array<Position>(length), count: length, bytes, left: length, isOver: false },
          ...{ startedAt: clock.monotonic(), resolve, reject },
        });
        flush();
      });
    },
    async drain() {
      if (isSending || queues.some((queue) => queue.length > 0)) await new Promise<void>((resolve) => drained.push(resolve));
    },
  };
}

/** Takes the entries of one batch off a queue: many small ones, or one that travels in parts. */
function takeBatch(queue: Entry[], batchBytes: number): Entry[] {
  if (queue[0]?.series !== undefined) return queue.splice(0, 1);
  let bytes = 0;
  let count = 0;
  for (const entry of queue) {
    bytes += entry.bytes;
    if (entry.series !== undefined || (count > 0 && bytes > batchBytes)) break;
    count += 1;
  }
  return queue.splice(0, count);
}

/** Bytes of the value in each part: headers and key go with every part. */
function partBytes({ bytes, value }: Entry, batchBytes: number): number {
  return Math.max(1, batchBytes - (bytes - value.length) - 2 * RECORD_OVERHEAD_BYTES);
}

function partsOf(entry: Entry, batchBytes: number): number {
  return Math.ceil(entry.value.length / partBytes(entry, batchBytes));
}

function toMessage(entry: Entry, topic: string, partition: number, batchBytes: number): MessageToProduce {
  const { key, value, headers, timestamp, series, sent, first } = entry;
  const rest = { topic, partition, timestamp, ...(key === undefined ? {} : { key }) };
  if (series === undefined) return { ...rest, value, headers };
  const size = partBytes(entry, batchBytes);
  const part = writePart({ series, index: sent, count: partsOf(entry, batchBytes), first });
  const own = new Map([...headers, [Buffer.from(PART_HEADER), Buffer.from(part)]]);
  return { ...rest, value: value.subarray(sent * size, (sent + 1) * size), headers: own };
}

function sizeOf(headers: ReadonlyMap<Buffer, Buffer>): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length + 4;
  return bytes;
}
