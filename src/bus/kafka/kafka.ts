import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../errors.ts';
import type { Bus } from '../bus.ts';
import { createBreaker } from '../../breaker.ts';
import { createBusMetrics } from '../metrics.ts';
import { MAX_PENDING_RECORDS } from '../waiting-room.ts';
import { joinConsumerGroup } from './consumer-membership.ts';
import { createGenerations } from './generations.ts';
import { createGroups } from './groups.ts';
import type { KafkaBusOptions } from './kafka-options.ts';
import { createOffsets } from './offsets.ts';
import { createPublisher } from './publisher.ts';
import { GROUPS_TOPIC, prepareTopics, type KafkaTopic } from './topics.ts';

/** The log on Apache Kafka. */
export interface KafkaBus extends Bus {
  /** What the brokers gave a topic when it was made: offsets mean nothing in another one. */
  identity(topic: Topic): string;
}

/** Opens the log on Kafka, and makes its topics where they are not there. Several buses in any process may use the same topics. Throws
 *  BUS_UNAVAILABLE, which names the setting to look at. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const { server, clock, log } = options;
  const topics = await prepareTopics(options);
  const kafkaOf = (topic: Topic | typeof GROUPS_TOPIC): KafkaTopic => topics.get(topic) as KafkaTopic;
  const metrics = createBusMetrics(options.metrics);
  const breakerOf = (dependency: 'kafka-consumer' | 'kafka-producer') => createBreaker({ dependency, log, metrics: options.metrics });
  const [reading, writing] = [breakerOf('kafka-consumer'), breakerOf('kafka-producer')];
  const offsets = createOffsets(server, reading);
  const generations = createGenerations(server, kafkaOf(GROUPS_TOPIC), { clock, breaker: writing });
  const publisher = createPublisher({
    ...{ server, topicOf: kafkaOf, clock, metrics },
    breaker: writing,
    maxPendingRecords: options.maxPendingRecords ?? MAX_PENDING_RECORDS,
  });
  const ranges: Bus['ranges'] = (topic) => offsets.ranges(kafkaOf(topic));
  const groups = createGroups({
    ...{ server, breaker: reading, prefix: options.prefix, topicOf: kafkaOf, ranges, generations, clock, log, metrics },
    join: (group, topic, events) => joinConsumerGroup({ server, topic, group, clock, log, events }),
  });
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await groups.close();
    await publisher.close();
    await Promise.all([generations.close(), offsets.close()]);
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
      return ranges(topic);
    },
    async offsetAt(topic, partition, timeMs) {
      checkOpen();
      const found = await offsets.at(kafkaOf(topic), partition, timeMs);
      return found ?? (await ranges(topic))[partition]?.next ?? 0;
    },
    identity: (topic) => kafkaOf(topic).id,
    close: () => (closing ??= close()),
  };
}
