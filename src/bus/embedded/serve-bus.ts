import { fromWire, toWire } from '../../wire/wire-error.ts';
import type { Wire } from '../../wire/wire.ts';
import { GuardianError } from '../../errors.ts';
import type { Batch, Bus, SubscribeOptions, Subscription } from '../bus.ts';
import type { BusMessage, BusRequest, PositionAnswer } from './bus-protocol.ts';

/** A subscription of a client. */
interface Guest {
  readonly subscription: Subscription;
  /** The newest batch that the client has. */
  last: Batch | undefined;
  /** Notifies the client that the assignment of that batch was revoked. */
  readonly moved: (generation: number) => void;
}

/** Offers a log to the clients of several wires; those of one group share its partitions whichever process they are in. */
export interface BusHost {
  /** Serves one client until its wire closes: then its subscriptions end, and others get its partitions. */
  serve(wire: Wire): void;
}

/** Makes the host of `bus`, which it never closes. */
export function createBusHost(bus: Bus): BusHost {
  const guests = new Set<Guest>();

  /** Called when members may have come or gone, before that is answered. */
  const tellMoved = (): void => {
    for (const guest of guests) {
      if (guest.last === undefined || guest.subscription.isCurrent(guest.last)) continue;
      guest.moved(guest.last.generation);
      guest.last = undefined;
    }
  };

  return {
    serve(wire) {
      const send = (message: BusMessage): void => wire.postMessage(message);
      const mine = new Map<number, Guest>();
      const positions = createQuestions(send);

      const join = async (id: number, options: Omit<SubscribeOptions, 'position'>): Promise<void> => {
        const subscription = await bus.subscribe({
          ...options,
          position: (partition, generation) => positions.ask(id, partition, generation),
        });
        const guest: Guest = {
          subscription,
          last: undefined,
          moved: (generation) => send({ kind: 'moved', subscription: id, generation }),
        };
        mine.set(id, guest);
        guests.add(guest);
        tellMoved();
      };
      const leave = async (id: number): Promise<void> => {
        const guest = mine.get(id);
        if (guest === undefined) return;
        mine.delete(id);
        guests.delete(guest);
        await guest.subscription.close();
        tellMoved();
      };
      const next = async (id: number, timeoutMs: number | undefined): Promise<Batch | null> => {
        const guest = mine.get(id);
        if (guest === undefined) return null;
        const batch = await guest.subscription.next(timeoutMs === undefined ? {} : { timeoutMs });
        if (batch !== null) guest.last = batch;
        tellMoved();
        return batch;
      };
      const answer = async (request: BusRequest): Promise<unknown> => {
        switch (request.kind) {
          case 'publish':
            return bus.publish(request.topic, request.records);
          case 'subscribe':
            return join(request.id, request.options);
          case 'next':
            return next(request.subscription, request.timeoutMs);
          case 'leave':
            return leave(request.subscription);
          case 'ranges':
            return bus.ranges(request.topic);
          case 'offset_at':
            return bus.offsetAt(request.topic, request.partition, request.timeMs);
        }
      };
      wire.on('message', (request: BusRequest | PositionAnswer) => {
        if (request.kind === 'position') {
          positions.answered(request);
          return;
        }
        answer(request).then(
          (value) => send({ id: request.id, value }),
          (error: unknown) => send({ id: request.id, error: toWire(error) }),
        );
      });
      wire.on('close', () => {
        positions.abandon();
        for (const id of mine.keys()) void leave(id);
      });
    },
  };
}

/** Asks a client where its subscriptions begin. */
function createQuestions(send: (message: BusMessage) => void) {
  const waiting = new Map<number, PromiseWithResolvers<number | 'earliest' | 'latest'>>();
  let next = 1;
  let isGone = false;
  const gone = (): GuardianError => new GuardianError('BUS_UNAVAILABLE', 'The reader of the subscription has gone.', { retryable: true });
  return {
    async ask(subscription: number, partition: number, generation: number): Promise<number | 'earliest' | 'latest'> {
      if (isGone) throw gone();
      const asked = next++;
      const question = Promise.withResolvers<number | 'earliest' | 'latest'>();
      waiting.set(asked, question);
      send({ kind: 'position', asked, subscription, partition, generation });
      return question.promise;
    },
    answered(answer: PositionAnswer): void {
      const question = waiting.get(answer.asked);
      waiting.delete(answer.asked);
      if ('error' in answer) question?.reject(fromWire(answer.error));
      else question?.resolve(answer.position);
    },
    abandon(): void {
      isGone = true;
      for (const question of waiting.values()) question.reject(gone());
      waiting.clear();
    },
  };
}
