import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, BusRecord } from '../../bus/bus.ts';

/** The log whose transactions are indexed. */
export interface IndexedLog extends Pick<Bus, 'ranges' | 'subscribe'> {
  /** What the log of a topic was made with. */
  identity(topic: Topic): string;
  /** One record; undefined when it is not kept, or cannot be read. */
  readAt(topic: Topic, partition: number, offset: number): BusRecord | undefined;
}
