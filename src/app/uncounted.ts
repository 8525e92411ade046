import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Database } from '../store/database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

export interface Uncounted {
  /** Asks again and does not wait. Never throws. */
  look(): void;
  /** Records on the log that the database had not counted at the last answer of each. */
  records(): number;
}

/** Keeps track of the records that are accepted and not counted yet. While the database does not answer, all that comes is
 *  uncounted. */
export function createUncounted({ bus, database }: { readonly bus: Bus; readonly database: Database }): Uncounted {
  let accepted: ReadonlyMap<number, number> = new Map();
  let counted: ReadonlyMap<number, number> = new Map();
  let isAsking = false;

  const lookAtLog = async (): Promise<void> => {
    const ranges = await bus.ranges(TOPICS.transactions);
    accepted = new Map(ranges.map(({ partition, next }) => [partition, next]));
  };
  const askDatabase = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      counted = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
    } finally {
      isAsking = false;
    }
  };

  return {
    look() {
      void lookAtLog().catch(() => undefined);
      void askDatabase().catch(() => undefined);
    },
    records: () => [...accepted].reduce((sum, [partition, next]) => sum + Math.max(0, next - (counted.get(partition) ?? next)), 0),
  };
}
