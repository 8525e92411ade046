import { Consumer, FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka';
import type { Breaker } from '../../breaker.ts';
import type { PartitionRange } from '../bus.ts';
import { clientOptions } from './client-options.ts';
import { unavailable } from './kafka-error.ts';
import type { KafkaServer } from './kafka-options.ts';
import type { KafkaTopic } from './topics.ts';
import { within } from '../../within.ts';

/** Asks the brokers for extents and times of topics. */
export interface Offsets {
  /** Throws BUS_UNAVAILABLE. */
  ranges(topic: KafkaTopic): Promise<PartitionRange[]>;
  /** First offset at or after a time; undefined when there is none. Throws BUS_UNAVAILABLE. */
  at(topic: KafkaTopic, partition: number, timeMs: number): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Only what is committed counts: a producer with transactions may still take the rest back. */
const ISOLATION = FetchIsolationLevels.READ_COMMITTED;

/** Makes the client that asks; it joins no group. */
export function createOffsets(server: KafkaServer, breaker: Breaker): Offsets {
  const client = new Consumer({ ...clientOptions(server), groupId: `${server.clientId}-offsets`, isolationLevel: ISOLATION });

  async function ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    const now = async (): Promise<T> => {
      try {
        return await within(server.requestMs, work());
      } catch (error) {
        client.clearMetadata();
        throw unavailable(server, what, error);
      }
    };
    return breaker.run(now, (reason) => unavailable(server, what, new Error(reason)));
  }

  return {
    ranges: ({ name, partitions }) =>
      ask(`list the offsets of ${name}`, async () => {
        const list = async (timestamp: bigint) => (await client.listOffsets({ topics: [name], timestamp })).get(name) ?? [];
        const [earliest, latest] = await Promise.all([list(ListOffsetTimestamps.EARLIEST), list(ListOffsetTimestamps.LATEST)]);
        return Array.from({ length: partitions }, (_, partition) => {
          const next = Number(latest[partition] ?? 0n);
          return { partition, earliest: Math.min(Number(earliest[partition] ?? 0n), next), next };
        });
      }),
    at: ({ name }, partition, timeMs) =>
      ask(`find a time in ${name}`, async () => {
        const timestamp = BigInt(Math.max(0, Math.ceil(timeMs)));
        const found = await client.listOffsetsWithTimestamps({ topics: [name], partitions: { [name]: [partition] }, timestamp });
        const offset = found.get(name)?.get(partition)?.offset ?? -1n;
        return offset < 0n ? undefined : Number(offset);
      }),
    close: () =>
      client.close().then(
        () => undefined,
        () => undefined,
      ),
  };
}
