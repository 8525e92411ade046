import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../../clock.ts';
import { GuardianError, messageOf } from '../../errors.ts';
import type { Bus, BusRecord } from '../bus.ts';
import { openGenerations } from './generations.ts';
import { createGroups } from './groups.ts';
import { createInlineWriter } from './inline-writer.ts';
import { createBusMetrics, type BusMetrics } from '../metrics.ts';
import { MAX_PENDING_RECORDS } from '../waiting-room.ts';
import { createPublisher } from './publisher.ts';
import { startRetention } from './retention-timer.ts';
import { createThreadedWriter } from './threaded-writer.ts';
import { openTopicFile } from './topic-file.ts';
import { createTopicReader, type TopicFileReader } from './topic-reader.ts';
import { createWakeUps } from './wake-ups.ts';
import type { Retention, RetentionFloor, WriterSettings } from './writer.ts';

const POLL_MS = 500;
const MAX_PARTITIONS = 1024;

export interface EmbeddedBusOptions {
  /** Directory of the log; made when it is not there. */
  readonly dir: string;
  /** Partitions that new records are spread over, by topic; 1 where nothing is said. */
  readonly partitions: Partial<Record<Topic, number>>;
  readonly retention: Retention;
  /** What readers still need: it is kept beyond the limits of retention. Asked again and again, also at once; a failure
   *  keeps everything. Default: nothing is needed. */
  readonly floor?: () => Promise<RetentionFloor | null>;
  /** False where another bus of the program cleans the same directory (default true). */
  readonly cleans?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Registry;
  /** Who appends: a thread of its own (many publishes, event loop never blocked), or the calling thread (few). */
  readonly writer: 'thread' | 'inline';
  /** Records that may wait for the disk before BUS_FULL (default 200 000). */
  readonly maxPendingRecords?: number;
  /** Largest file of a topic; publishes beyond it fail with BUS_UNAVAILABLE as on a full disk (default: no limit). */
  readonly maxFileBytes?: number;
}

/** The log in a directory. */
export interface EmbeddedBus extends Bus {
  /** What the log of a topic was made with: offsets mean nothing in another one. Throws BUS_UNAVAILABLE. */
  identity(topic: Topic): string;
  /** One record, undefined when it is not kept or cannot be read. Throws BUS_UNAVAILABLE. */
  readAt(topic: Topic, partition: number, offset: number): BusRecord | undefined;
}

/** Opens the log in `dir`: one SQLite file for each topic. Several buses, in any thread or process, may have the same
 *  directory open; consumer groups are known within one of them only. Throws APP_DATA_DIR, CONFIG_INVALID. */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
  const dir = prepareDirectory(options.dir);
  const metrics = createBusMetrics(options.metrics);
  const partitions = partitionsOf(options.partitions);
  const settings: WriterSettings = { dir, partitions, retention: { ...options.retention }, maxFileBytes: options.maxFileBytes };
  const opened: { close(): void }[] = [];
  try {
    return assemble(options, settings, metrics, opened);
  } catch (error) {
    for (const part of opened.reverse()) part.close();
    throw error;
  }
}

function assemble(options: EmbeddedBusOptions, settings: WriterSettings, metrics: BusMetrics, opened: { close(): void }[]): EmbeddedBus {
  const { clock, log } = options;
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  const readers = new Map<Topic, TopicFileReader>();
  for (const topic of Object.values(TOPICS)) {
    const db = openTopicFile({ dir: settings.dir, topic, partitions: settings.partitions[topic] });
    readers.set(topic, keep(createTopicReader(db, topic, { log, metrics })));
  }
  const readerOf = (topic: Topic): TopicFileReader => readers.get(topic) as TopicFileReader;
  const generations = keep(openGenerations(settings.dir));
  const wakeUps = keep(createWakeUps(settings.dir));
  const groups = createGroups({ readerOf, generations, wakeUps, pollMs: POLL_MS, log });
  const writer = options.writer === 'thread' ? createThreadedWriter(settings, log) : createInlineWriter(settings, wakeUps.announce);
  const retention = options.cleans === false ? undefined : startRetention({ writer, floor: options.floor, clock, log, metrics });
  const publisher = createPublisher({
    writer,
    clock,
    metrics,
    partitions: settings.partitions,
    maxPendingRecords: options.maxPendingRecords ?? MAX_PENDING_RECORDS,
    isFull: (topic) => topic === TOPICS.transactions && retention?.isFull === true,
    defer: options.writer === 'thread' ? (work) => void setImmediate(work) : queueMicrotask,
  });
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    groups.close();
    await publisher.drain();
    await retention?.stop();
    await writer.close();
    for (const part of opened.reverse()) part.close();
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new GuardianError('BUS_CLOSED', 'The bus is closed.');
  }

  return {
    async publish(topic, records) {
      checkOpen();
      return publisher.publish(topic, records);
    },
    async subscribe(subscribe) {
      checkOpen();
      return groups.join(subscribe);
    },
    async ranges(topic) {
      checkOpen();
      return readerOf(topic).ranges();
    },
    identity: (topic) => readerOf(topic).identity(),
    readAt: (topic, partition, offset) => readerOf(topic).readOne(partition, offset),
    async offsetAt(topic, partition, timeMs) {
      checkOpen();
      return readerOf(topic).offsetAt(partition, timeMs);
    },
    close: () => (closing ??= close()),
  };
}

function partitionsOf(wanted: Partial<Record<Topic, number>>): Record<Topic, number> {
  const counts = Object.values(TOPICS).map((topic) => [topic, wanted[topic] ?? 1] as const);
  for (const [topic, count] of counts) {
    if (Number.isInteger(count) && count >= 1 && count <= MAX_PARTITIONS) continue;
    throw new GuardianError('CONFIG_INVALID', `Partitions of ${topic} must be an integer from 1 to ${MAX_PARTITIONS}, got ${count}.`);
  }
  return Object.fromEntries(counts) as Record<Topic, number>;
}

/** Makes the directory and its entry durable; returns its real path. */
function prepareDirectory(dir: string): string {
  try {
    const created = mkdirSync(dir, { recursive: true, mode: 0o700 });
    const path = realpathSync(dir);
    if (created !== undefined) syncDirectory(dirname(path));
    return path;
  } catch (error) {
    const message = `The bus needs the directory ${dir} and cannot use it: ${messageOf(error)}.`;
    throw new GuardianError('APP_DATA_DIR', message, { cause: error, data: { path: dir } });
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
