import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import type { OutRecord, Position } from '../bus.ts';
import { checkRecord } from '../check-record.ts';
import type { BusMetrics } from '../metrics.ts';
import type { KafkaServer } from './kafka-options.ts';
import { createLane, type Lane } from './lane.ts';
import { createTopicProducer, type TopicProducer } from './producer.ts';
import type { KafkaTopic } from './topics.ts';

// Large records must not fill the memory before the limit of records is reached.
const MAX_PENDING_BYTES = 268_435_456;

export interface PublisherOptions {
  readonly server: KafkaServer;
  readonly topicOf: (topic: Topic) => KafkaTopic;
  readonly clock: Clock;
  readonly metrics: BusMetrics;
  readonly maxPendingRecords: number;
}

/** The publishing side: checks records, limits what waits, and hands them to the lane of their topic. */
export interface Publisher {
  /** Throws BUS_FULL, BUS_RECORD_TOO_LARGE, BUS_UNAVAILABLE. */
  publish(topic: Topic, records: readonly OutRecord[]): Promise<readonly Position[]>;
  /** Resolves when everything was stored or refused, and the connections are closed. */
  close(): Promise<void>;
}

/** Creates a publisher. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { clock, metrics, maxPendingRecords } = options;
  const lanes = new Map<Topic, { readonly lane: Lane; readonly producer: TopicProducer }>();
  let pendingRecords = 0;
  let pendingBytes = 0;

  function laneOf(topic: Topic): Lane {
    let found = lanes.get(topic);
    if (found === undefined) {
      const producer = createTopicProducer(options.server);
      const lane = createLane({ topic, kafka: options.topicOf(topic), send: producer.send, clock, metrics, settled });
      found = { lane, producer };
      lanes.set(topic, found);
    }
    return found.lane;
  }

  function settled(records: number, bytes: number): void {
    pendingRecords -= records;
    pendingBytes -= bytes;
    metrics.pending(pendingRecords);
  }

  function checkRoom(records: number, bytes: number): void {
    // A single publish above the limit is let through alone; otherwise it could never succeed.
    if (pendingRecords === 0) return;
    if (pendingRecords + records <= maxPendingRecords && pendingBytes + bytes <= MAX_PENDING_BYTES) return;
    const message = `At most ${maxPendingRecords} records may wait for Kafka; ${pendingRecords} wait and ${records} came. Try again in a moment.`;
    throw new GuardianError('BUS_FULL', message, { retryable: true, data: { pending: pendingRecords } });
  }

  return {
    async publish(topic, records) {
      if (records.length === 0) return [];
      let bytes = 0;
      for (const [index, record] of records.entries()) {
        checkRecord(topic, record, index);
        bytes += record.value.byteLength + (record.key?.length ?? 0);
      }
      checkRoom(records.length, bytes);
      pendingRecords += records.length;
      pendingBytes += bytes;
      metrics.pending(pendingRecords);
      return laneOf(topic).add(records, bytes);
    },
    async close() {
      await Promise.all([...lanes.values()].map(({ lane }) => lane.drain()));
      await Promise.all([...lanes.values()].map(({ producer }) => producer.close()));
    },
  };
}
