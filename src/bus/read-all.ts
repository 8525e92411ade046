import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../errors.ts';
import type { Batch, Bus, PartitionRange } from './bus.ts';

// Records up to the end are stored already: waiting this long for one means that it cannot be delivered any more.
const PATIENCE_MS = 1000;

export interface ReadAllOptions {
  /** Start at this offset, in every partition. Default: the earliest kept record. */
  readonly fromOffset?: number;
  /** Start at the first record published at or after this, epoch milliseconds. Not together with `fromOffset`. */
  readonly fromTimeMs?: number;
  readonly maxRecords?: number;
}

/** Reads a topic from an offset or a time to the end that it had at the call, for replays and rebuilds. Batches in
 *  offset order within each partition; joins no group. Throws USAGE, BUS_UNAVAILABLE, BUS_CLOSED. */
export async function* readAll(bus: Bus, topic: Topic, options: ReadAllOptions = {}): AsyncGenerator<Batch, void, undefined> {
  if (options.fromOffset !== undefined && options.fromTimeMs !== undefined) {
    throw new GuardianError('USAGE', 'Start at an offset or at a time, not at both.');
  }
  const ranges = new Map((await bus.ranges(topic)).map((range) => [range.partition, range]));
  const starts = new Map<number, number>();
  for (const range of ranges.values()) starts.set(range.partition, await startOf(bus, topic, range, options));
  const open = new Set(
    [...ranges.values()].filter(({ partition, next }) => (starts.get(partition) ?? 0) < next).map(({ partition }) => partition),
  );
  if (open.size === 0) return;
  const subscription = await bus.subscribe({
    topic,
    position: async (partition) => starts.get(partition) ?? 'latest',
    ...(options.maxRecords === undefined ? {} : { maxRecords: options.maxRecords }),
  });
  try {
    while (open.size > 0) {
      const batch = await subscription.next({ timeoutMs: PATIENCE_MS });
      if (batch === null) return;
      const end = ranges.get(batch.partition)?.next ?? 0;
      const last = batch.records.at(-1)?.offset ?? end;
      if (last >= end - 1) open.delete(batch.partition);
      const records = last < end ? batch.records : batch.records.filter(({ offset }) => offset < end);
      if (records.length > 0) yield { ...batch, records };
    }
  } finally {
    await subscription.close();
  }
}

async function startOf(bus: Bus, topic: Topic, range: PartitionRange, options: ReadAllOptions): Promise<number> {
  if (options.fromTimeMs !== undefined) return bus.offsetAt(topic, range.partition, options.fromTimeMs);
  return Math.min(Math.max(options.fromOffset ?? 0, range.earliest), range.next);
}
