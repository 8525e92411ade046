import type { Batch, Bus, Subscription } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import type { Sql } from '../store/database.ts';
import { nextGeneration } from '../store/verbs/log/next-generation.ts';

/** The bus of stages of which one process at a time has the work, by a lock. They read every partition of their topics without a
 *  consumer group, so that the next process begins at once: a broker would wait for the dead member for up to a session timeout. Each
 *  subscription has a generation above all before it, by which the claims of the store refuse what a late process still writes. */
export function leaseBus(bus: Bus, database: Sql, isHeld: () => boolean): Bus {
  return {
    ...bus,
    async subscribe(options) {
      const { group, ...alone } = options;
      if (group === undefined) return bus.subscribe(options);
      refuseUnlessHeld(isHeld, group);
      const generation = await nextGeneration(database, group);
      const subscription = await bus.subscribe({ ...alone, position: (partition) => options.position(partition, generation) });
      return withGeneration(subscription, generation);
    },
  };
}

function withGeneration(subscription: Subscription, generation: number): Subscription {
  return {
    ...subscription,
    async next(options) {
      const batch: Batch | null = await subscription.next(options);
      return batch === null ? null : { ...batch, generation };
    },
    // Nobody shares the partitions again. A claim that was refused is a failure: the next subscription takes a new generation, or is refused.
    isCurrent: () => true,
  };
}

function refuseUnlessHeld(isHeld: () => boolean, group: string): void {
  if (isHeld()) return;
  throw new GuardianError('BUS_UNAVAILABLE', `Another process does the work of ${group}.`, { retryable: true, data: { group } });
}
