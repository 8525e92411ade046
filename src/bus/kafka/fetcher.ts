import { Consumer, FetchIsolationLevels, IS_CONTROL, type fetchV17, type RecordsBatch } from '@platformatic/kafka';
import { clientOptions } from './client-options.ts';
import type { KafkaServer } from './kafka-options.ts';
import type { KafkaTopic } from './topics.ts';

/** Compressed bytes of one answer, of all partitions and of one: what a reader holds is some times as much. */
const MAX_BYTES = 4_194_304;
const MAX_PARTITION_BYTES = 2_097_152;
/** Several brokers are asked beside each other; the fastest must not wait long for one that has nothing. */
const SHARED_WAIT_MS = 200;

/** A Kafka record as it was read. */
export interface RawRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordsBatch['records'][number]['headers'];
  readonly publishedAt: number;
}

/** What was read of one partition. `next`: where to go on. `isOutside`: the offset that was asked for is not kept. */
export interface FetchedPartition {
  readonly partition: number;
  readonly records: readonly RawRecord[];
  readonly next: number;
  readonly isOutside: boolean;
}

/** Reads partitions of one topic by offsets. One call at a time. */
export interface Fetcher {
  /** What there is from the given offsets on, of every partition that has something; waits up to `waitMs` while nothing has. Throws what
   *  the library throws. */
  fetch(offsets: ReadonlyMap<number, number>, waitMs: number): Promise<FetchedPartition[]>;
  close(): Promise<void>;
}

/** Makes a client of its own: a request that waits holds up everything else on its connection. */
export function createFetcher(server: KafkaServer, topic: KafkaTopic): Fetcher {
  const client = new Consumer({ ...clientOptions(server), retries: 0, groupId: `${server.clientId}-reader` });
  client.topics.track(topic.name);

  async function byLeader(offsets: ReadonlyMap<number, number>): Promise<Map<number, Map<number, number>>> {
    const metadata = await client.metadata({ topics: [topic.name] });
    const leaders = new Map<number, Map<number, number>>();
    for (const [partition, offset] of offsets) {
      const leader = metadata.topics.get(topic.name)?.partitions[partition]?.leader ?? -1;
      if (leader < 0) throw new Error(`partition ${partition} of ${topic.name} has no leader`);
      const of = leaders.get(leader) ?? new Map<number, number>();
      leaders.set(leader, of.set(partition, offset));
    }
    return leaders;
  }

  async function ask(node: number, offsets: ReadonlyMap<number, number>, maxWaitTime: number): Promise<FetchedPartition[]> {
    const partitions = [...offsets].map(([partition, offset]) => ({
      ...{ partition, currentLeaderEpoch: -1, fetchOffset: BigInt(offset), lastFetchedEpoch: -1, partitionMaxBytes: MAX_PARTITION_BYTES },
    }));
    const request = { node, topics: [{ topicId: topic.id, partitions }], minBytes: 1, maxBytes: MAX_BYTES, maxWaitTime };
    try {
      return read(await client.fetch({ ...request, isolationLevel: FetchIsolationLevels.READ_COMMITTED }), offsets);
    } catch (error) {
      const outside = outsideOf(error, offsets);
      if (outside.length > 0) return outside;
      throw error;
    }
  }

  return {
    async fetch(offsets, waitMs) {
      if (offsets.size === 0) return [];
      try {
        const leaders = [...(await byLeader(offsets))];
        const askAll = async (wait: number) => (await Promise.all(leaders.map(([node, of]) => ask(node, of, wait)))).flat();
        const [only] = leaders;
        if (leaders.length === 1 && only !== undefined) return await ask(only[0], only[1], waitMs);
        const ready = await askAll(0);
        return ready.length > 0 || waitMs <= 0 ? ready : await askAll(Math.min(waitMs, SHARED_WAIT_MS));
      } catch (error) {
        client.clearMetadata();
        throw error;
      }
    },
    close: () =>
      client.close(true).then(
        () => undefined,
        () => undefined,
      ),
  };
}

type FetchResponse = fetchV17.FetchResponse;
type FetchedTopic = FetchResponse['responses'][number];

function read({ responses }: FetchResponse, offsets: ReadonlyMap<number, number>): FetchedPartition[] {
  return responses.flatMap(({ partitions }: FetchedTopic) =>
    partitions.flatMap(({ partitionIndex: partition, records = [] }) => {
      const from = offsets.get(partition);
      if (from === undefined || records === null || records.length === 0) return [];
      const found = {
        partition,
        records: records.flatMap((batch) => recordsOf(batch, from)),
        next: endOf(records, from),
        isOutside: false,
      };
      return found.next > from ? [found] : [];
    }),
  );
}

/** A batch is read whole, also where it begins before the offset. Markers of transactions are no records. */
function recordsOf(batch: RecordsBatch, from: number): RawRecord[] {
  if ((batch.attributes & IS_CONTROL) !== 0) return [];
  const firstOffset = Number(batch.firstOffset);
  const firstTimestamp = Number(batch.firstTimestamp);
  const records: RawRecord[] = [];
  for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
    const offset = firstOffset + offsetDelta;
    if (offset >= from) records.push({ offset, key, value, headers, publishedAt: firstTimestamp + Number(timestampDelta) });
  }
  return records;
}

function endOf(batches: readonly RecordsBatch[], from: number): number {
  const last = batches.at(-1);
  return last === undefined ? from : Math.max(from, Number(last.firstOffset) + last.lastOffsetDelta + 1);
}

const OUT_OF_RANGE = 1;

/** The partitions that a refused request names as out of range. */
function outsideOf(error: unknown, offsets: ReadonlyMap<number, number>): FetchedPartition[] {
  const response = responseIn(error);
  return (response?.responses ?? []).flatMap(({ partitions }: FetchedTopic) =>
    partitions
      .filter(({ partitionIndex, errorCode }) => errorCode === OUT_OF_RANGE && offsets.has(partitionIndex))
      .map(({ partitionIndex: partition }) => ({ partition, records: [], next: offsets.get(partition) ?? 0, isOutside: true })),
  );
}

function responseIn(error: unknown): FetchResponse | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('response' in error && typeof error.response === 'object' && error.response !== null) return error.response as FetchResponse;
  const inner = 'errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : [];
  return inner.map(responseIn).find((response) => response !== undefined);
}
