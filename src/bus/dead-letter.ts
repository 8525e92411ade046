import { TOPICS, type DeadLetter, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';
import type { Bus, BusRecord, OutRecord, Position } from './bus.ts';
import { readAll } from './read-all.ts';

// Base64 grows a record by a third: this is the most of a value that still fits into a record of the bus.
const MAX_KEPT_BYTES = 720_896;
const PUBLISH_RECORDS = 500;

/** Records of one partition that a stage could not process. */
export interface FailedRecords {
  readonly topic: Topic;
  readonly partition: number;
  /** The consumer group that gave up. */
  readonly group: string;
  /** Epoch milliseconds. */
  readonly failedAt: number;
  /** `reason`: for operators; names field and rule, never a value. */
  readonly records: readonly { readonly record: BusRecord; readonly reason: string }[];
}

/** A dead letter and where it lies: `offset` and `partition` of the dead-letter topic. */
export interface StoredDeadLetter {
  readonly position: Position;
  /** Key of the original record; '' when it had none. */
  readonly key: string;
  /** Headers of the original record, which its letter has. */
  readonly headers: RecordHeaders;
  readonly letter: DeadLetter;
}

/** Which dead letters are meant; an absent field means all. */
export interface DeadLetterFilter {
  readonly topic?: Topic;
  readonly group?: string;
  /** Only those that failed at or after this, epoch milliseconds. */
  readonly sinceMs?: number;
  /** Only these offsets of the dead-letter topic. */
  readonly offsets?: ReadonlySet<number>;
}

/** Stores records that could not be processed, with their reasons; resolves when they are durable, so that the consumer
 *  can go on. A value above 704 KiB is kept without its end and cannot be replayed. Throws as `publish` does. */
export async function sendToDeadLetters(bus: Bus, failed: FailedRecords): Promise<readonly Position[]> {
  return bus.publish(
    TOPICS.dead,
    failed.records.map(({ record, reason }) => ({
      key: record.key,
      headers: record.headers,
      value: Buffer.from(JSON.stringify(toDeadLetter(failed, record, reason))),
    })),
  );
}

/** The letter of one record, for stages that send it through their outbox. A value above 704 KiB loses its end. */
export function toDeadLetter(failed: Omit<FailedRecords, 'records'>, record: BusRecord, reason: string): DeadLetter {
  const isWhole = record.value.byteLength <= MAX_KEPT_BYTES;
  return {
    v: 1,
    topic: failed.topic,
    partition: failed.partition,
    offset: record.offset,
    group: failed.group,
    reason,
    value: Buffer.from(record.value.subarray(0, MAX_KEPT_BYTES)).toString('base64'),
    ...(isWhole ? {} : { cut_from: record.value.byteLength }),
    failed_at: failed.failedAt,
  };
}

/** The newest dead letters that fit, newest first, at most `limit`. Throws BUS_UNAVAILABLE, BUS_CLOSED. */
export async function listDeadLetters(bus: Bus, options: DeadLetterFilter & { readonly limit: number }): Promise<StoredDeadLetter[]> {
  let found: StoredDeadLetter[] = [];
  for await (const letters of lettersOf(bus, options)) {
    found.push(...letters);
    if (found.length > options.limit * 2) found = found.slice(-options.limit);
  }
  return found.slice(-options.limit).reverse();
}

/** Publishes the original values of the dead letters that fit to their topics again, with their keys and
 *  headers and in their order.
 *  The letters stay; consumers drop what they had counted before. Ends with the letters that were there at the call, so
 *  records that fail again make no circle. Throws as `publish` does: then a part may have been replayed. */
export async function replayDeadLetters(
  bus: Bus,
  filter: DeadLetterFilter = {},
): Promise<{ readonly replayed: number; readonly cut: number }> {
  let replayed = 0;
  let cut = 0;
  for await (const letters of lettersOf(bus, filter)) {
    const whole = letters.filter(({ letter }) => letter.cut_from === undefined);
    cut += letters.length - whole.length;
    for (const [topic, group] of Map.groupBy(whole, ({ letter }) => letter.topic)) await bus.publish(topic, group.map(toOriginal));
    replayed += whole.length;
  }
  return { replayed, cut };
}

function toOriginal({ key, headers, letter }: StoredDeadLetter): OutRecord {
  return { key, headers, value: Buffer.from(letter.value, 'base64') };
}

async function* lettersOf(bus: Bus, filter: DeadLetterFilter): AsyncGenerator<StoredDeadLetter[], void, undefined> {
  // A letter is published after its record failed, so nothing older can fit.
  const from = filter.sinceMs === undefined ? {} : { fromTimeMs: filter.sinceMs };
  for await (const batch of readAll(bus, TOPICS.dead, { ...from, maxRecords: PUBLISH_RECORDS })) {
    const letters = batch.records.map((record) => toStored(batch.partition, record));
    const fitting = letters.filter((stored) => stored !== undefined).filter((stored) => fits(stored, filter));
    if (fitting.length > 0) yield fitting;
  }
}

function toStored(partition: number, record: BusRecord): StoredDeadLetter | undefined {
  try {
    const letter = JSON.parse(Buffer.from(record.value).toString('utf8')) as DeadLetter;
    return { position: { partition, offset: record.offset }, key: record.key, headers: record.headers, letter };
  } catch {
    return undefined;
  }
}

function fits({ position, letter }: StoredDeadLetter, filter: DeadLetterFilter): boolean {
  if (filter.topic !== undefined && letter.topic !== filter.topic) return false;
  if (filter.group !== undefined && letter.group !== filter.group) return false;
  if (filter.sinceMs !== undefined && letter.failed_at < filter.sinceMs) return false;
  return filter.offsets === undefined || filter.offsets.has(position.offset);
}
