import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Breaker } from '../../breaker.ts';
import type { Clock } from '../../clock.ts';
import { GuardianError, messageOf } from '../../errors.ts';
import type { PartitionRange, SubscribeOptions, Subscription } from '../bus.ts';
import type { BusMetrics } from '../metrics.ts';
import type { Generations } from './generations.ts';
import type { KafkaServer } from './kafka-options.ts';
import type { Membership, MembershipEvents } from './membership.ts';
import { createMember, type GroupMember } from './subscription.ts';
import type { KafkaTopic } from './topics.ts';

const RETRY_MS = 1000;
/** A stage that failed is back in less: a place in the group that was given up while the brokers were away would hold its partitions until
 *  they miss it. A bus that closes leaves at once. */
const LINGER_MS = 10_000;

export interface GroupsOptions {
  readonly server: KafkaServer;
  readonly breaker: Breaker;
  readonly prefix: string;
  readonly topicOf: (topic: Topic) => KafkaTopic;
  readonly ranges: (topic: Topic) => Promise<readonly PartitionRange[]>;
  readonly generations: Generations;
  readonly join: (group: string, topic: KafkaTopic, events: MembershipEvents) => Promise<Membership>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: BusMetrics;
}

/** The consumer groups that this process has members in. */
export interface Groups {
  /** Adds a member. Resolves when it has its partitions. Throws BUS_UNAVAILABLE. */
  join(options: SubscribeOptions): Promise<Subscription>;
  /** Ends every subscription; pending calls of `next` give null. */
  close(): Promise<void>;
}

/** A group as this process has it: the brokers give it partitions, which its members here share. */
interface Group {
  readonly topic: Topic;
  readonly name: string;
  readonly members: Set<GroupMember>;
  readonly membership: Promise<Membership>;
  partitions: readonly number[];
  /** Changes of partitions or members, one after the other. */
  sharing: Promise<void>;
  isOver: boolean;
  /** Leaves the group when no member has come meanwhile. */
  lingering?: NodeJS.Timeout;
}

/** Shares partitions in two steps: the brokers among processes, and each process among its own members, partition i of its own to member i
 *  modulo members. */
export function createGroups(options: GroupsOptions): Groups {
  const { server, topicOf, generations, log } = options;
  const groups = new Map<string, Group>();
  const loners = new Set<GroupMember>();
  let isClosed = false;

  async function share(group: Group): Promise<void> {
    if (group.members.size === 0 || group.isOver) return;
    const ranges = await options.ranges(group.topic);
    const { partitions } = group;
    const generation = await generations.next(group.name);
    const isStale = partitions !== group.partitions;
    const members = [...group.members];
    for (const [index, member] of members.entries())
      member.assign(isStale ? [] : partitions.filter((_, at) => at % members.length === index), generation, ranges);
  }

  /** Shares after the changes before; the brokers may be away meanwhile, and then nobody reads. */
  function shareSoon(group: Group): Promise<void> {
    const shared = group.sharing.then(() => share(group));
    group.sharing = shared.catch(() => undefined);
    return shared;
  }

  async function shareAtLast(group: Group): Promise<void> {
    for (;;) {
      try {
        return await shareSoon(group);
      } catch (error) {
        log.warn({ group: group.name, reason: messageOf(error) }, 'partitions of a consumer group cannot be shared, retrying');
        await delay(RETRY_MS, undefined, { ref: false });
        if (group.isOver || isClosed) return;
      }
    }
  }

  function open(key: string, topic: Topic, name: string): Group {
    const suspend = (): void => {
      for (const member of group.members) member.suspend();
    };
    const events: MembershipEvents = {
      onRevoked() {
        group.partitions = [];
        suspend();
      },
      onAssigned(partitions) {
        group.partitions = partitions;
        // The first assignment is shared by the member that waits for it.
        if (isJoined) void shareAtLast(group);
      },
    };
    let isJoined = false;
    const membership = options.join(`${options.prefix}${name}`, topicOf(topic), events).finally(() => (isJoined = true));
    const group: Group = {
      ...{ topic, name: key, members: new Set<GroupMember>(), membership, partitions: [] },
      ...{ sharing: Promise.resolve(), isOver: false },
    };
    groups.set(key, group);
    membership.catch(() => {
      group.isOver = true;
      if (groups.get(key) === group) groups.delete(key);
    });
    return group;
  }

  async function leave(key: string, group: Group, member: GroupMember): Promise<void> {
    if (!group.members.delete(member)) return;
    if (group.members.size > 0) return shareAtLast(group);
    group.lingering = setTimeout(() => {
      if (group.members.size > 0 || groups.get(key) !== group) return;
      group.isOver = true;
      groups.delete(key);
      void group.membership.then((joined) => joined.leave());
    }, LINGER_MS).unref();
  }

  function memberOf(subscribe: SubscribeOptions, onClose: (member: GroupMember) => Promise<void>): GroupMember {
    const member: GroupMember = createMember({
      ...subscribe,
      ...{ server, breaker: options.breaker, kafka: topicOf(subscribe.topic), ranges: () => options.ranges(subscribe.topic) },
      ...{ clock: options.clock, metrics: options.metrics },
      onClose: () => onClose(member),
    });
    return member;
  }

  async function joinAlone(subscribe: SubscribeOptions): Promise<Subscription> {
    const ranges = await options.ranges(subscribe.topic);
    const member = memberOf(subscribe, async (closed) => void loners.delete(closed));
    loners.add(member);
    member.assign(
      ranges.map(({ partition }) => partition),
      0,
      ranges,
    );
    return member.subscription;
  }

  async function joinGroup(subscribe: SubscribeOptions, name: string): Promise<Subscription> {
    const key = `${subscribe.topic}/${name}`;
    const group = groups.get(key) ?? open(key, subscribe.topic, name);
    await group.membership;
    if (group.isOver || isClosed) throw closed();
    const member = memberOf(subscribe, (left) => leave(key, group, left));
    group.members.add(member);
    try {
      await shareSoon(group);
    } catch (error) {
      await member.end();
      await leave(key, group, member);
      throw error;
    }
    return member.subscription;
  }

  return {
    join: (subscribe) => (subscribe.group === undefined ? joinAlone(subscribe) : joinGroup(subscribe, subscribe.group)),
    async close() {
      isClosed = true;
      const all = [...groups.values()];
      groups.clear();
      for (const group of all) {
        group.isOver = true;
        clearTimeout(group.lingering);
      }
      await Promise.all([...loners, ...all.flatMap(({ members }) => [...members])].map((member) => member.end()));
      loners.clear();
      await Promise.all(all.map(({ membership }) => membership.then((joined) => joined.leave()).catch(() => undefined)));
    },
  };
}

function closed(): GuardianError {
  return new GuardianError('BUS_UNAVAILABLE', 'The group was left while a member joined it.', { retryable: true });
}
