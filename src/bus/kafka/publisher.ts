import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Breaker } from '../../breaker.ts';
import type { Clock } from '../../clock.ts';
import type { OutRecord, Position } from '../bus.ts';
import { checkRecord } from '../check-record.ts';
import type { BusMetrics } from '../metrics.ts';
import { createWaitingRoom } from '../waiting-room.ts';
import type { KafkaServer } from './kafka-options.ts';
import { createLane, type Lane } from './lane.ts';
import { createTopicProducer, type TopicProducer } from './producer.ts';
import type { KafkaTopic } from './topics.ts';

export interface PublisherOptions {
  readonly server: KafkaServer;
  readonly topicOf: (topic: Topic) => KafkaTopic;
  readonly clock: Clock;
  readonly metrics: BusMetrics;
  readonly breaker: Breaker;
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
  const { clock, metrics } = options;
  const lanes = new Map<Topic, { readonly lane: Lane; readonly producer: TopicProducer }>();
  const room = createWaitingRoom('Kafka', options.maxPendingRecords, metrics);

  function laneOf(topic: Topic): Lane {
    let found = lanes.get(topic);
    if (found === undefined) {
      const producer = createTopicProducer(options.server, options.breaker);
      const lane = createLane({ topic, kafka: options.topicOf(topic), send: producer.send, clock, metrics, settled: room.leave });
      found = { lane, producer };
      lanes.set(topic, found);
    }
    return found.lane;
  }

  return {
    async publish(topic, records) {
      if (records.length === 0) return [];
      let bytes = 0;
      for (const [index, record] of records.entries()) {
        checkRecord(topic, record, index);
        bytes += record.value.byteLength + (record.key?.length ?? 0);
      }
      room.enter(records.length, bytes);
      return laneOf(topic).add(records, bytes);
    },
    async close() {
      await Promise.all([...lanes.values()].map(({ lane }) => lane.drain()));
      await Promise.all([...lanes.values()].map(({ producer }) => producer.close()));
    },
  };
}
