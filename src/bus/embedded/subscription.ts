import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError } from '../../errors.ts';
import type { Batch, BusRecord, PartitionRange, SubscribeOptions, Subscription } from '../bus.ts';
import type { TopicFileReader } from './topic-reader.ts';
import { createLatch } from '../latch.ts';
import type { WakeUps } from './wake-ups.ts';

const MAX_RECORDS = 5000;
const MAX_BATCH_BYTES = 8_388_608;

/** What a subscription holds of one partition that it was given. */
interface Slot {
  readonly partition: number;
  /** End of the partition when it was first given, or the first record since that was not handed out: 'latest'. */
  latest: number;
  /** Offset to read next from the file; undefined until `position` has answered. */
  next: number | undefined;
  /** Records already read, not yet handed out. */
  rest: BusRecord[];
}

/** A subscription as its group sees it. */
export interface GroupMember {
  readonly subscription: Subscription;
  /** Gives it exactly these partitions. `position` is asked for each of them, also for those that it had before. */
  assign(partitions: readonly number[], generation: number): void;
  /** Ends it without reporting the group. */
  end(): void;
}

export interface MemberOptions extends SubscribeOptions {
  readonly reader: TopicFileReader;
  readonly wakeUps: WakeUps;
  /** How often to look for records of other processes while nothing comes, in milliseconds. */
  readonly pollMs: number;
  readonly onClose: () => void;
}

/** Creates a member without partitions. */
export function createMember(options: MemberOptions): GroupMember {
  const { topic, reader, pollMs } = options;
  const limits = { maxRecords: options.maxRecords ?? MAX_RECORDS, maxBytes: MAX_BATCH_BYTES };
  const latch = createLatch();
  const unlisten = options.wakeUps.listen(topic, latch.set);
  let slots = new Map<number, Slot>();
  let generation = 0;
  let turn = 0;
  let isEnded = false;
  let isPulling = false;

  /** Asks where to begin in each partition of the assignment, which may change during each answer: then neither an answer
   *  nor a failure of the assignment before means anything. */
  async function locateNew(): Promise<void> {
    for (let slot = firstNew(slots); slot !== undefined && !isEnded; slot = firstNew(slots)) {
      const asked = generation;
      try {
        const answer = await options.position(slot.partition, asked);
        if (!isEnded && asked === generation) slot.next = startOf(slot, answer, topic, reader.ranges());
      } catch (error) {
        if (asked === generation) throw error;
      }
    }
  }

  function readSlot(slot: Slot): Batch | null {
    let records: BusRecord[];
    if (slot.rest.length > 0) {
      records = slot.rest.splice(0, limits.maxRecords);
    } else {
      const result = reader.read(slot.partition, slot.next ?? 0, limits);
      slot.next = result.next;
      slot.rest = result.rest;
      records = result.records;
    }
    const last = records.at(-1);
    if (last === undefined) return null;
    slot.latest = last.offset + 1;
    return { partition: slot.partition, generation, records };
  }

  async function readAssigned(): Promise<Batch | null> {
    await locateNew();
    const order = [...slots.values()].filter(({ next }) => next !== undefined);
    for (let index = 0; index < order.length && !isEnded; index += 1) {
      // Start after the partition that was served last, so that none starves.
      const slot = order[(turn + index) % order.length] as Slot;
      const batch = readSlot(slot);
      if (batch === null) continue;
      turn = (turn + index + 1) % order.length;
      return batch;
    }
    return null;
  }

  async function pull(timeoutMs: number | undefined): Promise<Batch | null> {
    // Lets I/O in between batches even when the log always has the next one at hand.
    await new Promise((resolve) => setImmediate(resolve));
    let isLate = timeoutMs !== undefined && timeoutMs <= 0;
    const giveUp = (): void => {
      isLate = true;
      latch.set();
    };
    const deadline = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    try {
      while (!isEnded) {
        const batch = await readAssigned();
        if (batch !== null) return batch;
        if (isLate) return null;
        await latch.wait(pollMs);
      }
      return null;
    } catch (error) {
      // What `position` or the files say while everything is being closed interests nobody.
      if (isEnded) return null;
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  function end(): void {
    isEnded = true;
    unlisten();
    latch.set();
  }

  return {
    subscription: {
      async next({ timeoutMs } = {}) {
        if (isPulling) throw new TypeError('One call of next at a time: wait for the one before.');
        isPulling = true;
        try {
          return isEnded ? null : await pull(timeoutMs);
        } finally {
          isPulling = false;
        }
      },
      isCurrent: (batch) => !isEnded && batch.generation === generation,
      async close() {
        if (isEnded) return;
        end();
        options.onClose();
      },
    },
    assign(partitions, newGeneration) {
      const ends = new Map(reader.ranges().map(({ partition, next }) => [partition, next]));
      const before = slots;
      slots = new Map(
        partitions.map((partition) => [partition, freshSlot(partition, before.get(partition)?.latest ?? ends.get(partition) ?? 0)]),
      );
      generation = newGeneration;
      latch.set();
    },
    end,
  };
}

function freshSlot(partition: number, latest: number): Slot {
  return { partition, latest, next: undefined, rest: [] };
}

function firstNew(slots: ReadonlyMap<number, Slot>): Slot | undefined {
  return [...slots.values()].find(({ next }) => next === undefined);
}

function startOf(slot: Slot, answer: number | 'earliest' | 'latest', topic: Topic, ranges: readonly PartitionRange[]): number {
  const range = ranges.find(({ partition }) => partition === slot.partition);
  if (answer === 'earliest') return range?.earliest ?? 0;
  if (answer === 'latest') return slot.latest;
  const end = range?.next ?? 0;
  if (Number.isInteger(answer) && answer >= 0 && answer <= end) return answer;
  const message = `The position of partition ${slot.partition} of ${topic} must be 0 to ${end}, got ${answer}. The log may have been replaced.`;
  const data = { topic, partition: slot.partition, offset: answer, next: end };
  throw new GuardianError('BUS_OFFSET_OUT_OF_RANGE', message, { data });
}
