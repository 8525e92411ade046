import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../clock.ts';
import type { Bus, SubscribeOptions } from './bus.ts';

/** A clock that the suite moves. */
export interface ManualClock extends Clock {
  set(timeMs: number): void;
}

/** What an engine gives to the suite: a new, empty bus for each test, released through the test's own `after`. */
export interface BusUnderTest {
  readonly clock: ManualClock;
  readonly maxPendingRecords: number;
  open(partitions: Partial<Record<Topic, number>>): Promise<Bus>;
  /** The same data opened again, after the first bus was closed. */
  reopen(): Promise<Bus>;
  /** Ends and removes everything. */
  release(): Promise<void>;
}

/** Declares a test that gets a bus of its own. */
export type WithBus = (fact: string, work: (under: BusUnderTest) => Promise<void>) => void;

/** The topic that the suite uses. */
export const TOPIC = TOPICS.transactions;
/** A member of the group 'worker' that begins at the start. */
export const FROM_START: Pick<SubscribeOptions, 'topic' | 'group' | 'position'> = {
  topic: TOPIC,
  group: 'worker',
  position: async () => 'earliest',
};
