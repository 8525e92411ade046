import type { PartitionRange } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';

/** Who waits for which offsets. */
export interface Progress {
  /** Everything before `offset` of the partition is done. */
  reached(partition: number, offset: number): void;
  /** Resolves when everything in the ranges is done. Rejects with BUS_CLOSED at the end. */
  all(ranges: readonly PartitionRange[]): Promise<void>;
  end(): void;
}

/** Creates a record of what was reached, with nobody waiting. */
export function createProgress(): Progress {
  const offsets = new Map<number, number>();
  const waiting = new Set<{ readonly ranges: readonly PartitionRange[]; readonly done: PromiseWithResolvers<void> }>();
  let ended = false;
  const isDone = (ranges: readonly PartitionRange[]): boolean =>
    ranges.every(({ partition, earliest, next }) => next === earliest || (offsets.get(partition) ?? -1) >= next);
  return {
    reached(partition, offset) {
      offsets.set(partition, Math.max(offset, offsets.get(partition) ?? 0));
      for (const waiter of waiting) {
        if (!isDone(waiter.ranges)) continue;
        waiting.delete(waiter);
        waiter.done.resolve();
      }
    },
    async all(ranges) {
      if (isDone(ranges)) return;
      if (ended) throw closed();
      const done = Promise.withResolvers<void>();
      waiting.add({ ranges, done });
      await done.promise;
    },
    end() {
      ended = true;
      for (const { done } of waiting) done.reject(closed());
      waiting.clear();
    },
  };
}

function closed(): GuardianError {
  return new GuardianError('BUS_CLOSED', 'Counting stopped before everything was counted.');
}
