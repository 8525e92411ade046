import { GuardianError } from '../../errors.ts';
import type { Batch, Bus, PartitionRange, Position, SubscribeOptions, Subscription } from '../bus.ts';
import { createSlot } from '../../wire/slot.ts';
import { fromWire, toWire } from '../../wire/wire-error.ts';
import type { Wire } from '../../wire/wire.ts';
import type { BusMessage, BusRequest } from './bus-protocol.ts';

/** A request without its number. */
type Ask = BusRequest extends infer R ? (R extends BusRequest ? Omit<R, 'id'> : never) : never;

/** The bus of a process that does not own the log. */
export interface RemoteBus extends Bus {
  /** Speaks over `wire` from now on, until it closes. */
  open(wire: Wire): void;
}

/** One connection to the owner of the log. */
interface Connection {
  ask<T>(request: Ask): { readonly id: number; readonly answer: Promise<T> };
  /** Subscriptions of this connection by their id. */
  readonly joined: Map<number, Joined>;
  isOpen(): boolean;
  end(reason: GuardianError): void;
}

/** A subscription as one connection has it. */
interface Joined {
  readonly connection: Connection;
  readonly id: number;
  readonly position: SubscribeOptions['position'];
  /** Batches of this generation and of earlier ones are not current. */
  movedFrom: number;
}

const away = (): GuardianError =>
  new GuardianError('BUS_UNAVAILABLE', 'The process that holds the log (role data) does not answer.', { retryable: true });
const closed = (): GuardianError => new GuardianError('BUS_CLOSED', 'The bus is closed.');

/** Makes the client of `createBusHost`. While there is no wire, calls are refused with BUS_UNAVAILABLE (retryable) at once, `next` after
 *  `waitMs` (default 0: at once) too; a subscription joins its group again with the next wire, and asks for every position again. */
export function createRemoteBus({ waitMs = 0 }: { readonly waitMs?: number } = {}): RemoteBus {
  const slot = createSlot<Connection>(waitMs, away);
  let connection: Connection | undefined;
  let closing: Promise<void> | undefined;
  const subscriptions = new Set<{ end(): void }>();
  const publishing = new Set<Promise<unknown>>();

  const current = (): Connection => {
    if (closing !== undefined) throw closed();
    return slot.now();
  };
  const soon = async (): Promise<Connection> => (closing === undefined ? slot.soon() : current());

  async function close(): Promise<void> {
    for (const subscription of subscriptions) subscription.end();
    await Promise.allSettled(publishing);
    connection?.end(closed());
  }

  return {
    open(wire) {
      const opened = connect(wire);
      connection = opened;
      slot.put(opened);
      wire.on('close', () => slot.take(opened));
    },
    async publish(topic, records): Promise<readonly Position[]> {
      const { answer } = current().ask<readonly Position[]>({ kind: 'publish', topic, records });
      publishing.add(answer);
      try {
        return await answer;
      } finally {
        publishing.delete(answer);
      }
    },
    async subscribe(options) {
      const subscription = createSubscription(options, soon, () => subscriptions.delete(subscription));
      await subscription.join();
      subscriptions.add(subscription);
      return subscription;
    },
    ranges: async (topic) => current().ask<readonly PartitionRange[]>({ kind: 'ranges', topic }).answer,
    offsetAt: async (topic, partition, timeMs) => current().ask<number>({ kind: 'offset_at', topic, partition, timeMs }).answer,
    close: () => (closing ??= close()),
  };
}

/** A subscription that outlives connections. */
function createSubscription(options: SubscribeOptions, there: () => Promise<Connection>, onClose: () => void) {
  const { topic, group, position, maxRecords } = options;
  // Only these: a caller's record may hold more, which cannot be sent.
  const wanted = { topic, ...(group === undefined ? {} : { group }), ...(maxRecords === undefined ? {} : { maxRecords }) };
  /** Behind the last record that was handed out, by partition. */
  const places = new Map<number, number>();
  const ending = Promise.withResolvers<null>();
  let joined: Joined | undefined;
  let isEnded = false;
  let isPulling = false;

  const where: SubscribeOptions['position'] = async (partition, generation) => {
    const answer = await position(partition, generation);
    // The owner has not seen what an earlier connection handed out.
    return answer === 'latest' ? (places.get(partition) ?? answer) : answer;
  };
  async function join(): Promise<Joined> {
    if (joined?.connection.isOpen() === true) return joined;
    const connection = await there();
    const { id, answer } = connection.ask<void>({ kind: 'subscribe', options: wanted });
    const made: Joined = { connection, id, position: where, movedFrom: -1 };
    // Questions about positions may come before the answer is read.
    connection.joined.set(id, made);
    await answer;
    joined = made;
    return made;
  }
  async function pull(timeoutMs: number | undefined): Promise<Batch | null> {
    const { connection, id } = await join();
    const batch = await connection.ask<Batch | null>({ kind: 'next', subscription: id, timeoutMs }).answer;
    const last = batch?.records.at(-1);
    if (batch !== null && last !== undefined) places.set(batch.partition, last.offset + 1);
    return isEnded ? null : batch;
  }
  const end = (): void => {
    isEnded = true;
    ending.resolve(null);
    onClose();
  };
  const subscription: Subscription = {
    async next({ timeoutMs } = {}) {
      if (isEnded) return null;
      if (isPulling) throw new TypeError('One call of next at a time: wait for the one before.');
      isPulling = true;
      try {
        return await Promise.race([pull(timeoutMs), ending.promise]);
      } catch (error) {
        if (isEnded) return null;
        throw error;
      } finally {
        isPulling = false;
      }
    },
    isCurrent: (batch) => !isEnded && joined?.connection.isOpen() === true && batch.generation > joined.movedFrom,
    async close() {
      if (isEnded) return;
      end();
      if (joined === undefined) return;
      const { connection, id } = joined;
      connection.joined.delete(id);
      // A connection that has gone has left for us.
      await connection.ask<void>({ kind: 'leave', subscription: id }).answer.catch(() => undefined);
    },
  };
  return { ...subscription, join, end };
}

function connect(wire: Wire): Connection {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const joined = new Map<number, Joined>();
  let next = 1;
  let gone: GuardianError | undefined;

  const end = (reason: GuardianError): void => {
    if (gone !== undefined) return;
    gone = reason;
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
    wire.close();
  };
  const hold = (): void => (waiting.size === 0 ? wire.unref() : wire.ref());
  const tellPosition = async (asked: number, about: Joined | undefined, partition: number, generation: number): Promise<void> => {
    try {
      if (about === undefined) throw closed();
      wire.postMessage({ kind: 'position', asked, position: await about.position(partition, generation) });
    } catch (error) {
      wire.postMessage({ kind: 'position', asked, error: toWire(error) });
    }
  };
  wire.on('message', (message: BusMessage) => {
    if ('kind' in message) {
      const about = joined.get(message.subscription);
      if (message.kind === 'position') void tellPosition(message.asked, about, message.partition, message.generation);
      else if (about !== undefined) about.movedFrom = Math.max(about.movedFrom, message.generation);
      return;
    }
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    hold();
    if ('error' in message) waiter?.reject(fromWire(message.error));
    else waiter?.resolve(message.value);
  });
  wire.on('close', () => end(away()));
  return {
    joined,
    end,
    isOpen: () => gone === undefined,
    ask<T>(request: Ask) {
      const id = next++;
      if (gone !== undefined) return { id, answer: Promise.reject(gone) };
      const waiter = Promise.withResolvers<unknown>();
      wire.postMessage({ ...request, id });
      waiting.set(id, waiter);
      hold();
      return { id, answer: waiter.promise as Promise<T> };
    },
  };
}
