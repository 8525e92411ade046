import { createFetcher, type RawRecord } from './fetcher.ts';
import type { KafkaServer } from './kafka-options.ts';
import type { KafkaTopic } from './topics.ts';

/** Reads the Kafka records of a partition from one offset to before another; null when the first of them is no longer kept. Throws what the
 *  library throws. */
export async function readAgain(
  server: KafkaServer,
  topic: KafkaTopic,
  { partition, from, to }: { readonly partition: number; readonly from: number; readonly to: number },
): Promise<readonly RawRecord[] | null> {
  const fetcher = createFetcher(server, topic);
  const records: RawRecord[] = [];
  try {
    for (let next = from; next < to;) {
      const [found] = await fetcher.fetch(new Map([[partition, next]]), server.requestMs / 2);
      if (found === undefined || found.isOutside) return null;
      records.push(...found.records.filter(({ offset }) => offset < to));
      next = found.next;
    }
  } finally {
    await fetcher.close();
  }
  return records;
}
