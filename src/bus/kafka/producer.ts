import { Producer, type CompressionAlgorithmValue, type MessageToProduce } from '@platformatic/kafka';
import type { Breaker } from '../../breaker.ts';
import { clientOptions } from './client-options.ts';
import { unavailable } from './kafka-error.ts';
import type { KafkaServer } from './kafka-options.ts';
import { within } from '../../within.ts';

/** Sends records of one topic; resolves with the offset of the first of each partition, once all copies that must have them have
 *  them. Throws BUS_UNAVAILABLE. */
export type Produce = (messages: readonly MessageToProduce[]) => Promise<ReadonlyMap<number, number>>;

export interface TopicProducer {
  readonly send: Produce;
  close(): Promise<void>;
}

const COMPRESSION: CompressionAlgorithmValue = 'zstd';
/** What the library tries by itself, and a reserve. */
const PATIENCE_SHARE = 2;

/** Makes the producer of one topic: idempotent, acks of all. One topic each, because a producer begins its sequence numbers again after a
 *  failure. A request that never ends takes its client with it. */
export function createTopicProducer(server: KafkaServer, breaker: Breaker): TopicProducer {
  let client: Producer | undefined;

  async function drop(): Promise<void> {
    const dropped = client;
    client = undefined;
    await dropped?.close(true).catch(() => undefined);
  }

  async function sendNow(messages: readonly MessageToProduce[]): Promise<ReadonlyMap<number, number>> {
    client ??= new Producer({ ...clientOptions(server), idempotent: true, compression: COMPRESSION });
    try {
      const { offsets = [] } = await within(PATIENCE_SHARE * server.requestMs, client.send({ messages: [...messages] }));
      return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
    } catch (error) {
      void drop();
      throw unavailable(server, 'store records', error);
    }
  }

  return {
    send: (messages) =>
      breaker.run(
        () => sendNow(messages),
        (reason) => unavailable(server, 'store records', new Error(reason)),
      ),
    close: drop,
  };
}
