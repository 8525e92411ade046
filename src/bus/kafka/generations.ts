import type { Breaker } from '../../breaker.ts';
import type { Clock } from '../../clock.ts';
import { unavailable } from './kafka-error.ts';
import { createFetcher } from './fetcher.ts';
import type { KafkaServer } from './kafka-options.ts';
import { createTopicProducer } from './producer.ts';
import type { KafkaTopic } from './topics.ts';
import { randomUUID } from 'node:crypto';

/** Numbers the assignments of groups. */
export interface Generations {
  /** The next generation of a group: higher than every one before, of any member. Throws BUS_UNAVAILABLE. */
  next(group: string): Promise<number>;
  close(): Promise<void>;
}

/** Makes the numbers from the internal topic: each costs one record, and the offset of that record is what no other member gets. Kafka's own
 *  generations begin again with a group that died, and offsets begin again on brokers that were wiped; so the time at which the topic
 *  got its first record, in milliseconds, is added. */
export function createGenerations(
  server: KafkaServer,
  topic: KafkaTopic,
  { clock, breaker }: { readonly clock: Clock; readonly breaker: Breaker },
): Generations {
  const producer = createTopicProducer(server, breaker);
  let origin: Promise<number> | undefined;

  async function note(key: string): Promise<number> {
    const message = { topic: topic.name, partition: 0, key: Buffer.from(key), value: Buffer.from(''), timestamp: BigInt(clock.now()) };
    return (await producer.send([message])).get(0) ?? 0;
  }

  async function readOrigin(): Promise<number> {
    const fetcher = createFetcher(server, topic);
    const first = async () => (await fetcher.fetch(new Map([[0, 0]]), 0))[0]?.records[0]?.publishedAt;
    try {
      const known = await first();
      if (known !== undefined) return known;
      // A key of its own, so that compaction never takes it.
      await note(`origin-${randomUUID()}`);
      const made = await first();
      if (made === undefined) throw new Error('the topic has lost its first record');
      return made;
    } catch (error) {
      throw unavailable(server, 'number the assignments of groups', error);
    } finally {
      await fetcher.close();
    }
  }

  return {
    async next(group) {
      try {
        const start = await (origin ??= readOrigin());
        return start + 1 + (await note(group));
      } catch (error) {
        origin = undefined;
        throw error;
      }
    },
    close: () => producer.close(),
  };
}
