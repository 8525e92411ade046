import { setImmediate as breathe } from 'node:timers/promises';
import type { Breaker } from '../../breaker.ts';
import type { Clock } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import type { Batch, PartitionRange, SubscribeOptions, Subscription } from '../bus.ts';
import { createLatch } from '../latch.ts';
import type { BusMetrics } from '../metrics.ts';
import { createAssembler } from './assemble.ts';
import { createFetcher, type FetchedPartition } from './fetcher.ts';
import { unavailable } from './kafka-error.ts';
import type { KafkaServer } from './kafka-options.ts';
import { readAgain } from './read-again.ts';
import { createSlots, type PartitionSlot } from './slots.ts';
import type { KafkaTopic } from './topics.ts';

const MAX_RECORDS = 5000;
/** Longest wait of one request for records that are not there yet. */
const WAIT_MS = 500;
/** Partitions whose leader is being chosen, and brokers that restart, are waited for so long. */
const PATIENCE_MS = 5000;
const RETRY_MS = 200;

/** A subscription as its group sees it. */
export interface GroupMember {
  readonly subscription: Subscription;
  /** Gives it exactly these partitions. `position` is asked for each, also for those that it had before. */
  assign(partitions: readonly number[], generation: number, ranges: readonly PartitionRange[]): void;
  /** Takes all partitions away, until it is given some. */
  suspend(): void;
  /** Ends it without reporting the group. */
  end(): Promise<void>;
}

export interface MemberOptions extends SubscribeOptions {
  readonly server: KafkaServer;
  readonly breaker: Breaker;
  readonly kafka: KafkaTopic;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly metrics: BusMetrics;
  readonly onClose: () => Promise<void>;
}

/** Creates a member without partitions. Nothing is read before `next`; then at most one answer of each broker is held. */
export function createMember(options: MemberOptions): GroupMember {
  const { topic, server, kafka, metrics, clock } = options;
  const fetcher = createFetcher(server, kafka);
  const latch = createLatch();
  const slots = createSlots({
    ...{ topic, position: options.position, ranges: options.ranges, maxRecords: options.maxRecords ?? MAX_RECORDS },
    assemblerFrom: (partition, start) =>
      createAssembler(start, {
        readAgain: (from, to) => readAgain(server, kafka, { partition, from, to }),
        onCut: () => metrics.skipped(topic, 'retention', 1),
      }),
  });
  let isEnded = false;
  let isPulling = false;
  let fetching: Promise<void> = Promise.resolve();
  let endNow: () => void = () => undefined;
  const ending = new Promise<void>((resolve) => (endNow = resolve));

  /** Reads once. An answer for an assignment that is over is dropped. */
  async function read(waitMs: number): Promise<void> {
    const asked = slots.current();
    const wanted = new Map([...asked.values()].flatMap(({ partition, next }) => (next === undefined ? [] : [[partition, next] as const])));
    const refusal = (reason: string): Error => unavailable(server, `read ${kafka.name}`, new Error(reason));
    for (const found of await options.breaker.run(() => fetcher.fetch(wanted, waitMs), refusal)) {
      const slot = asked.get(found.partition);
      if (slot === undefined || asked !== slots.current()) continue;
      await take(slot, found);
    }
  }

  async function take(slot: PartitionSlot, found: FetchedPartition): Promise<void> {
    if (found.isOutside) {
      const passedOver = await slots.goOn(slot);
      if (passedOver > 0) metrics.skipped(topic, 'retention', passedOver);
      return;
    }
    await slot.assembler?.take(found.records, slot.rest);
    slot.next = found.next;
  }

  /** Brokers that are away for a moment are asked again; a request that still runs is waited for. */
  async function readPatiently(waitMs: number): Promise<void> {
    const deadline = clock.monotonic() + PATIENCE_MS;
    for (;;) {
      try {
        await fetching;
        fetching = read(waitMs);
        return await Promise.race([fetching, ending]);
      } catch (error) {
        fetching = Promise.resolve();
        if (error instanceof GuardianError && error.code === 'BUS_OFFSET_OUT_OF_RANGE') throw error;
        if (isEnded) return;
        if (clock.monotonic() >= deadline) throw unavailable(server, `read ${kafka.name}`, error);
        await latch.wait(RETRY_MS);
      }
    }
  }

  async function pull(timeoutMs: number | undefined): Promise<Batch | null> {
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + timeoutMs;
    // What is stored before the call is found by it, however short the wait: the first look waits for nothing.
    for (let waitMs = 0; !isEnded;) {
      await slots.locateNew();
      const batch = slots.takeBatch();
      if (batch !== null) return batch;
      if (slots.current().size > 0) await readPatiently(waitMs);
      else await latch.wait(waitMs);
      const found = slots.takeBatch();
      if (found !== null) return found;
      const left = deadline - clock.monotonic();
      if (left <= 0) return null;
      waitMs = Math.max(1, Math.min(WAIT_MS, Math.ceil(left)));
    }
    return null;
  }

  async function end(): Promise<void> {
    isEnded = true;
    slots.suspend();
    endNow();
    latch.set();
    await fetcher.close();
  }

  return {
    subscription: {
      async next({ timeoutMs } = {}) {
        if (isPulling) throw new TypeError('One call of next at a time: wait for the one before.');
        isPulling = true;
        try {
          // Lets I/O in between batches even when the next one is at hand.
          await breathe();
          return isEnded ? null : await pull(timeoutMs);
        } catch (error) {
          // What `position` or a broker says while everything is being closed interests nobody.
          if (isEnded) return null;
          throw error;
        } finally {
          isPulling = false;
        }
      },
      isCurrent: (batch) => !isEnded && !slots.isSuspended && batch.generation === slots.generation,
      async close() {
        if (isEnded) return;
        await end();
        await options.onClose();
      },
    },
    assign(partitions, generation, ranges) {
      if (isEnded) return;
      slots.assign(partitions, generation, ranges);
      latch.set();
    },
    suspend() {
      slots.suspend();
      latch.set();
    },
    end,
  };
}
