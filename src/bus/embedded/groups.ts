import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import { messageOf } from '../../errors.ts';
import type { SubscribeOptions, Subscription } from '../bus.ts';
import type { Generations } from './generations.ts';
import { createMember, type GroupMember } from './subscription.ts';
import type { TopicFileReader } from './topic-reader.ts';
import type { WakeUps } from './wake-ups.ts';

export interface GroupsOptions {
  readonly readerOf: (topic: Topic) => TopicFileReader;
  readonly generations: Generations;
  readonly wakeUps: WakeUps;
  readonly pollMs: number;
  readonly log: Logger;
}

/** The consumer groups of one bus instance. */
export interface Groups {
  /** Adds a member and shares the partitions again. Throws BUS_UNAVAILABLE. */
  join(options: SubscribeOptions): Subscription;
  /** Ends every subscription; pending calls of `next` give null. */
  close(): void;
}

interface Group {
  readonly members: Set<GroupMember>;
  generation: number;
}

/** Shares the partitions of each topic among the members of each group: partition i goes to member i modulo members, in
 *  the order in which they joined. */
export function createGroups(options: GroupsOptions): Groups {
  const { readerOf, generations, log } = options;
  const groups = new Map<string, Group>();
  const loners = new Set<GroupMember>();

  function partitionsOf(topic: Topic): number[] {
    return readerOf(topic)
      .ranges()
      .map(({ partition }) => partition);
  }

  function share(topic: Topic, group: Group): void {
    const members = [...group.members];
    const partitions = partitionsOf(topic);
    members.forEach((member, index) =>
      member.assign(
        partitions.filter((_, at) => at % members.length === index),
        group.generation,
      ),
    );
  }

  function leave(topic: Topic, name: string, member: GroupMember): void {
    const group = groups.get(name);
    if (group === undefined || !group.members.delete(member)) return;
    if (group.members.size === 0) {
      groups.delete(name);
      return;
    }
    try {
      group.generation = generations.next(name, group.generation);
    } catch (error) {
      // The partitions must be taken over all the same; the next number that is stored is above this one.
      group.generation += 1;
      log.warn({ group: name, detail: messageOf(error) }, 'failed to store the new generation of a consumer group');
    }
    share(topic, group);
  }

  function memberOf(subscribe: SubscribeOptions, onClose: (member: GroupMember) => void): GroupMember {
    const { wakeUps, pollMs } = options;
    const member: GroupMember = createMember({
      ...subscribe,
      reader: readerOf(subscribe.topic),
      wakeUps,
      pollMs,
      onClose: () => onClose(member),
    });
    return member;
  }

  function joinAlone(subscribe: SubscribeOptions): Subscription {
    const partitions = partitionsOf(subscribe.topic);
    const member = memberOf(subscribe, (closed) => loners.delete(closed));
    loners.add(member);
    member.assign(partitions, 0);
    return member.subscription;
  }

  return {
    join(subscribe) {
      if (subscribe.group === undefined) return joinAlone(subscribe);
      const name = `${subscribe.topic}/${subscribe.group}`;
      const group = groups.get(name) ?? { members: new Set<GroupMember>(), generation: 0 };
      group.generation = generations.next(name, group.generation);
      groups.set(name, group);
      const member = memberOf(subscribe, (closed) => leave(subscribe.topic, name, closed));
      group.members.add(member);
      share(subscribe.topic, group);
      return member.subscription;
    },
    close() {
      for (const member of [...loners, ...[...groups.values()].flatMap(({ members }) => [...members])]) member.end();
      groups.clear();
      loners.clear();
    },
  };
}
