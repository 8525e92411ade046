import { randomUUID } from 'node:crypto';
import { Admin, Connection, consumerGroupHeartbeatV1 } from '@platformatic/kafka';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { createLatch } from '../latch.ts';
import { clientOptions } from './client-options.ts';
import { isKafkaError, unavailable } from './kafka-error.ts';
import type { KafkaServer } from './kafka-options.ts';
import type { Membership, MembershipEvents } from './membership.ts';
import type { KafkaTopic } from './topics.ts';

const REBALANCE_MS = 30_000;
const RETRY_MS = 500;
/** Until the brokers have worked out the first assignment. */
const FIRST_MS = 100;
const LEFT = -1;

type Answer = consumerGroupHeartbeatV1.ConsumerGroupHeartbeatResponse;

export interface MembershipOptions {
  readonly server: KafkaServer;
  readonly topic: KafkaTopic;
  readonly group: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
  readonly events: MembershipEvents;
}

/** Joins a group by the protocol of KIP-848: the brokers work out who reads what, and a partition goes to its next reader only once the one
 *  before has said that it is free; the others go on undisturbed. Resolves with the first assignment. Throws BUS_UNAVAILABLE. */
export async function joinConsumerGroup(options: MembershipOptions): Promise<Membership> {
  const { server, topic, group, clock, log, events } = options;
  const memberId = randomUUID();
  const latch = createLatch();
  let connection: Connection | undefined;
  let epoch = 0;
  let owned: readonly number[] = [];
  let isAssigned = false;
  let isLeaving = false;

  async function beat(): Promise<Answer> {
    connection ??= await connectToCoordinator(server, group);
    const partitions = owned.length === 0 ? [] : [{ topicId: topic.id, partitions: [...owned] }];
    const { api } = consumerGroupHeartbeatV1;
    return api.async(connection, group, memberId, epoch, null, null, REBALANCE_MS, [topic.name], null, null, partitions);
  }

  /** Returns after how many milliseconds to beat again. */
  function heed(answer: Answer): number {
    epoch = answer.memberEpoch;
    if (answer.assignment === null) return isAssigned ? answer.heartbeatIntervalMs : FIRST_MS;
    isAssigned = true;
    const mine = answer.assignment.topicPartitions.find(({ topicId }) => topicId === topic.id)?.partitions ?? [];
    const target = mine.toSorted((a, b) => a - b);
    if (target.length === owned.length && target.every((partition, index) => partition === owned[index])) return answer.heartbeatIntervalMs;
    if (owned.some((partition) => !target.includes(partition))) events.onRevoked();
    owned = target;
    events.onAssigned(owned);
    // The brokers wait for the word that what they asked for is done.
    return 0;
  }

  function stumble(error: unknown): number {
    drop();
    if (isKafkaError(error, 'UNKNOWN_MEMBER_ID') || isKafkaError(error, 'FENCED_MEMBER_EPOCH')) {
      log.warn({ group }, 'this process was taken out of its consumer group: joining again');
      events.onRevoked();
      owned = [];
      epoch = 0;
      return RETRY_MS;
    }
    log.debug({ group, reason: messageOf(error) }, 'heartbeat failed');
    return RETRY_MS;
  }

  function drop(): void {
    void connection?.close().catch(() => undefined);
    connection = undefined;
  }

  async function run(): Promise<void> {
    while (!isLeaving) {
      let waitMs: number;
      try {
        waitMs = heed(await beat());
      } catch (error) {
        waitMs = stumble(error);
      }
      if (!isLeaving && waitMs > 0) await latch.wait(waitMs);
    }
  }

  async function join(): Promise<void> {
    const deadline = clock.monotonic() + server.requestMs;
    while (!isAssigned) {
      try {
        const waitMs = heed(await beat());
        if (!isAssigned) await latch.wait(waitMs);
      } catch (error) {
        const waitMs = stumble(error);
        if (clock.monotonic() >= deadline) throw unavailable(server, `join the group ${group}`, error);
        await latch.wait(waitMs);
      }
      if (clock.monotonic() >= deadline && epoch > 0) return;
    }
  }

  try {
    await join();
  } catch (error) {
    drop();
    throw error;
  }
  const running = run();
  return {
    async leave() {
      isLeaving = true;
      latch.set();
      await running;
      epoch = LEFT;
      owned = [];
      if (connection !== undefined) await beat().catch(() => undefined);
      drop();
    },
  };
}

async function connectToCoordinator(server: KafkaServer, group: string): Promise<Connection> {
  const options = clientOptions(server);
  const admin = new Admin(options);
  try {
    const [found] = await admin.findCoordinator({ keyType: 0, keys: [group] });
    if (found === undefined) throw new Error(`no broker coordinates ${group}`);
    const connection = new Connection(server.clientId, options);
    connection.on('error', () => undefined);
    await connection.connect(found.host, found.port);
    return connection;
  } finally {
    await admin.close().catch(() => undefined);
  }
}
