import { Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../errors.ts';
import { clientOptions } from './client-options.ts';
import { isKafkaError, unavailable } from './kafka-error.ts';
import type { KafkaBusOptions } from './kafka-options.ts';

/** A topic as the brokers have it. */
export interface KafkaTopic {
  readonly name: string;
  /** Given by the brokers when it was made: offsets mean nothing in another one. */
  readonly id: string;
  readonly partitions: number;
  /** Largest batch of records that the brokers take, bytes. */
  readonly maxBatchBytes: number;
}

/** Numbers the assignments of groups: an internal topic that grows by one record for each. */
export const GROUPS_TOPIC = 'guardian.groups';

type AnyTopic = Topic | typeof GROUPS_TOPIC;
const ALL: readonly AnyTopic[] = [...Object.values(TOPICS), GROUPS_TOPIC];

const DEFAULT_BATCH_BYTES = 1_048_588;
/** Segments that are not full are closed after this long: the brokers remove whole segments. */
const SEGMENT_MS = 6 * 3_600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Makes the topics that are not there; those that are stay as they are. Returns how each is. Throws BUS_UNAVAILABLE. */
export async function prepareTopics(options: KafkaBusOptions): Promise<ReadonlyMap<Topic | typeof GROUPS_TOPIC, KafkaTopic>> {
  const admin = new Admin(clientOptions(options.server));
  try {
    await createMissing(admin, options);
    return await describe(admin, options);
  } catch (error) {
    throw unavailable(options.server, 'prepare the topics', error);
  } finally {
    await admin.close().catch(() => undefined);
  }
}

async function createMissing(admin: Admin, options: KafkaBusOptions): Promise<void> {
  const there = new Set(await admin.listTopics());
  const wanted = ALL.filter((topic) => !there.has(options.prefix + topic));
  for (const topic of wanted) {
    const partitions = topic === GROUPS_TOPIC ? 1 : (options.partitions[topic] ?? 1);
    try {
      await admin.createTopics({
        topics: [{ topic: options.prefix + topic, partitions, replicas: options.replication }],
        configs: topic === GROUPS_TOPIC ? compacted() : kept(options.retentionHours),
      });
      options.log.info({ topic: options.prefix + topic, partitions }, 'topic created on Kafka');
    } catch (error) {
      // Another process was first.
      if (!isKafkaError(error, 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }
}

/** Bytes are not limited: the brokers would remove records that nobody has counted. */
function kept(hours: number): { name: string; value: string }[] {
  return [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(hours * HOUR_MS) },
    { name: 'retention.bytes', value: '-1' },
    { name: 'segment.ms', value: String(Math.min(SEGMENT_MS, hours * HOUR_MS)) },
  ];
}

function compacted(): { name: string; value: string }[] {
  return [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'segment.ms', value: String(DAY_MS) },
  ];
}

async function describe(admin: Admin, options: KafkaBusOptions): Promise<ReadonlyMap<Topic | typeof GROUPS_TOPIC, KafkaTopic>> {
  const metadata = await seen(
    admin,
    ALL.map((topic) => options.prefix + topic),
  );
  const limits = await batchLimits(admin, [...metadata.keys()]);
  return new Map(
    ALL.map((topic) => {
      const name = options.prefix + topic;
      const found = metadata.get(name);
      if (found === undefined) throw new GuardianError('BUS_UNAVAILABLE', `Kafka has no topic ${name}.`, { retryable: true });
      const wanted = topic === GROUPS_TOPIC ? 1 : (options.partitions[topic] ?? 1);
      if (found.partitionsCount !== wanted) throw otherPartitions(topic, name, found.partitionsCount, wanted);
      return [topic, { name, id: found.id, partitions: found.partitionsCount, maxBatchBytes: limits.get(name) ?? DEFAULT_BATCH_BYTES }];
    }),
  );
}

/** Who reads partitions, and how minutes are merged, goes by their number. */
function otherPartitions(topic: AnyTopic, name: string, partitions: number, wanted: number): GuardianError {
  const isSet = topic === TOPICS.transactions;
  const says = isSet ? `bus.partitions is ${wanted}` : 'it must have 1, because its records have one order';
  const advice = isSet
    ? 'Set bus.partitions to what the topic has, or add partitions to the topic.'
    : 'Make the topic again with 1 partition.';
  return new GuardianError('CONFIG_INVALID', `Topic ${name} has ${partitions} partitions on Kafka, and ${says}. ${advice}`);
}

const SEEN_TRIES = 40;
const SEEN_MS = 250;

/** A topic that was made a moment ago is not known to every broker yet, or has no leader. */
async function seen(admin: Admin, names: readonly string[]): Promise<Awaited<ReturnType<Admin['metadata']>>['topics']> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true });
      if (names.every((name) => topics.get(name)?.partitions.every(({ leader }) => leader >= 0) === true)) return topics;
    } catch (error) {
      if (tries >= SEEN_TRIES || !/unknown topic|leader/i.test(String(error))) throw error;
    }
    if (tries >= SEEN_TRIES) throw new Error('a topic has no leader');
    await new Promise((resolve) => setTimeout(resolve, SEEN_MS));
  }
}

/** A user without the right to read configurations gets the default of Kafka. */
async function batchLimits(admin: Admin, names: readonly string[]): Promise<Map<string, number>> {
  try {
    const found = await admin.describeConfigs({
      resources: names.map((resourceName) => ({
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName,
        configurationKeys: ['max.message.bytes'],
      })),
    });
    return new Map(
      found.flatMap(({ configs, ...rest }) => {
        const value = Number(configs[0]?.value);
        return Number.isInteger(value) && value > 0 ? [[(rest as { readonly resourceName: string }).resourceName, value] as const] : [];
      }),
    );
  } catch {
    return new Map();
  }
}
