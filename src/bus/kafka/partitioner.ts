import { murmur2 } from '@platformatic/kafka';

/** Partition of a key as Kafka's own Java client has it: 0 .. `partitions` - 1. Other producers that use the default of Java, or
 *  `murmur2_random` of librdkafka, put a merchant into the same partition, so that it keeps its order. Pure. */
export function partitionOf(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
