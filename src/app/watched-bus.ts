import type { Bus, Subscription } from '../bus/bus.ts';
import type { PipelinePart, Pulse } from './pulse.ts';
import { READERS } from './readers.ts';

const STAGES: readonly PipelinePart[] = ['window', 'detect', 'alert'];

/** The bus of the pipeline, which notes in `pulse` how each stage and the relay get on. A stage that asks for the next batch
 *  has done the one before; one that closes its subscription first has failed. */
export function watchBus(bus: Bus, pulse: Pulse): Bus {
  return {
    ...bus,
    async publish(topic, records) {
      pulse.set('outbox-relay', 'busy');
      try {
        const positions = await bus.publish(topic, records);
        pulse.done('outbox-relay');
        pulse.set('outbox-relay', 'idle');
        return positions;
      } catch (error) {
        pulse.set('outbox-relay', 'failing');
        throw error;
      }
    },
    async subscribe(options) {
      const part = STAGES[READERS.findIndex(({ group }) => group === options.group)];
      if (part === undefined) return bus.subscribe(options);
      const position: typeof options.position = async (partition, generation) => {
        pulse.set(part, 'busy');
        const offset = await options.position(partition, generation);
        pulse.set(part, 'idle');
        return offset;
      };
      return watchSubscription(await bus.subscribe({ ...options, position }), part, pulse);
    },
  };
}

function watchSubscription(subscription: Subscription, part: PipelinePart, pulse: Pulse): Subscription {
  let hasBegun = false;
  let isHandling = false;
  return {
    ...subscription,
    async next(options) {
      if (isHandling) pulse.done(part);
      isHandling = false;
      // A subscription that begins after a failure has to get as far as its position before it counts as idle.
      if (hasBegun) pulse.set(part, 'idle');
      hasBegun = true;
      const batch = await subscription.next(options);
      isHandling = true;
      pulse.set(part, 'busy');
      return batch;
    },
    async close() {
      if (isHandling) pulse.set(part, 'failing');
      return subscription.close();
    },
  };
}
