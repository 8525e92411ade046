import type { PartitionRange } from '../bus/bus.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../store/database.ts';
import { findKnownIds } from '../store/verbs/transaction/find-known-ids.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

/** Answers for known ids, and whether an id that is not known can still be on the log from before the start. `atStart`: the
 *  ranges of guardian.transactions when the program started. */
export function createStartCounted(
  database: Sql,
  atStart: readonly PartitionRange[],
): { readonly knownIds: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>; readonly knowsStart: () => boolean } {
  let isCounted = atStart.every(({ earliest, next }) => next <= earliest);
  return {
    async knownIds(ids) {
      // Positions first: what is counted after them is in the answer all the same.
      if (!isCounted) {
        const counted = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
        isCounted = atStart.every(({ partition, earliest, next }) => next <= earliest || (counted.get(partition) ?? 0) >= next);
      }
      return findKnownIds(database, ids);
    },
    knowsStart: () => isCounted,
  };
}
