import { GuardianError } from '../../errors.ts';
import type { Batch, BusRecord, PartitionRange, SubscribeOptions } from '../bus.ts';
import type { Assembler } from './assemble.ts';

const MAX_BATCH_BYTES = 8_388_608;

/** What a subscription holds of one partition that it was given. */
export interface PartitionSlot {
  readonly partition: number;
  /** End of the partition when it was first given, or the first record since that was not handed out: 'latest'. */
  latest: number;
  /** Offset to read next; undefined until `position` has answered. */
  next: number | undefined;
  assembler: Assembler | undefined;
  /** Records that were read and not handed out. */
  rest: BusRecord[];
}

export interface SlotsOptions extends Pick<SubscribeOptions, 'topic' | 'position'> {
  readonly maxRecords: number;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  readonly assemblerFrom: (partition: number, start: number) => Assembler;
}

/** The partitions that a member has, with what was read of each. */
export interface Slots {
  /** The slots of this assignment: another object after each change. */
  current(): ReadonlyMap<number, PartitionSlot>;
  assign(partitions: readonly number[], generation: number, ranges: readonly PartitionRange[]): void;
  /** Takes all away, until some are assigned. */
  suspend(): void;
  readonly isSuspended: boolean;
  readonly generation: number;
  /** Asks where to begin in each new partition of the assignment. Throws BUS_OFFSET_OUT_OF_RANGE, and what `position` throws. */
  locateNew(): Promise<void>;
  /** The next batch of what was read; null when nothing is left. */
  takeBatch(): Batch | null;
  /** Resumes from the first record that is kept. Returns how many were passed over. Throws BUS_OFFSET_OUT_OF_RANGE where there never
   *  were any. */
  goOn(slot: PartitionSlot): Promise<number>;
}

/** Creates the slots of a member without partitions. */
export function createSlots(options: SlotsOptions): Slots {
  const { topic } = options;
  /** Where each partition stood when all were taken away. */
  const latestOf = new Map<number, number>();
  let slots = new Map<number, PartitionSlot>();
  let generation = 0;
  let ranges: readonly PartitionRange[] = [];
  let isSuspended = true;
  let turn = 0;

  const rangeOf = (partition: number): PartitionRange => ranges[partition] ?? { partition, earliest: 0, next: 0 };

  function startOf({ partition, latest }: PartitionSlot, answer: number | 'earliest' | 'latest'): number {
    const { earliest, next } = rangeOf(partition);
    if (answer === 'earliest') return earliest;
    if (answer === 'latest') return latest;
    if (Number.isInteger(answer) && answer >= 0 && answer <= next) return Math.max(answer, earliest);
    throw outOfRange(partition, answer, next);
  }

  function outOfRange(partition: number, offset: number, next: number): GuardianError {
    const message = `The position of partition ${partition} of ${topic} must be 0 to ${next}, got ${offset}. The log may have been replaced.`;
    return new GuardianError('BUS_OFFSET_OUT_OF_RANGE', message, { data: { topic, partition, offset, next } });
  }

  function begin(slot: PartitionSlot, start: number): void {
    slot.next = start;
    slot.rest = [];
    slot.assembler = options.assemblerFrom(slot.partition, start);
  }

  const firstNew = (): PartitionSlot | undefined => [...slots.values()].find(({ next }) => next === undefined);

  return {
    current: () => slots,
    get isSuspended() {
      return isSuspended;
    },
    get generation() {
      return generation;
    },
    assign(partitions, newGeneration, newRanges) {
      for (const { partition, latest } of slots.values()) latestOf.set(partition, latest);
      ranges = newRanges;
      slots = new Map(partitions.map((partition) => [partition, freshSlot(partition, latestOf.get(partition) ?? rangeOf(partition).next)]));
      latestOf.clear();
      generation = newGeneration;
      isSuspended = false;
    },
    suspend() {
      for (const { partition, latest } of slots.values()) latestOf.set(partition, latest);
      slots = new Map();
      isSuspended = true;
    },
    async locateNew() {
      // The assignment may change during each answer: then neither an answer nor a failure of the one before means anything.
      for (let slot = firstNew(); slot !== undefined; slot = firstNew()) {
        const asked = slots;
        try {
          const answer = await options.position(slot.partition, generation);
          // The end may have moved since the partitions were shared.
          if (typeof answer === 'number' && answer > rangeOf(slot.partition).next) ranges = await options.ranges();
          if (asked === slots) begin(slot, startOf(slot, answer));
        } catch (error) {
          if (asked === slots) throw error;
        }
      }
    },
    takeBatch() {
      const order = [...slots.values()];
      for (let index = 0; index < order.length; index += 1) {
        // Start after the partition that was served last, so that none starves.
        const slot = order[(turn + index) % order.length] as PartitionSlot;
        const records = takeRecords(slot.rest, options.maxRecords);
        const last = records.at(-1);
        if (last === undefined) continue;
        turn = (turn + index + 1) % order.length;
        slot.latest = last.offset + 1;
        return { partition: slot.partition, generation, records };
      }
      return null;
    },
    async goOn(slot) {
      const asked = slot.next ?? 0;
      ranges = await options.ranges();
      const { earliest, next } = rangeOf(slot.partition);
      if (asked > next) throw outOfRange(slot.partition, asked, next);
      begin(slot, Math.max(asked, earliest));
      return Math.max(0, earliest - asked);
    },
  };
}

function freshSlot(partition: number, latest: number): PartitionSlot {
  return { partition, latest, next: undefined, assembler: undefined, rest: [] };
}

/** Takes the records of one batch off the front. */
function takeRecords(rest: BusRecord[], maxRecords: number): BusRecord[] {
  let bytes = 0;
  let count = 0;
  for (const { value } of rest) {
    bytes += value.byteLength;
    if (count >= maxRecords || (count > 0 && bytes > MAX_BATCH_BYTES)) break;
    count += 1;
  }
  return rest.splice(0, count);
}
