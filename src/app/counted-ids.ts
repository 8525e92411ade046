import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, PartitionRange } from '../bus/bus.ts';
import type { KnownIds } from '../ingest/known-ids.ts';
import type { RawReader } from '../raw/raw-transactions.ts';
import type { Sql } from '../store/database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

export interface CountedIdsOptions {
  /** Ranges of guardian.transactions when the program started. */
  readonly atStart: readonly PartitionRange[];
  /** Ids that ingestion remembers: at least the last half of so many. */
  readonly recentIds: number;
}

/** Makes the question which ids are known. The store knows those that are counted, and memory the latest ones. Between the
 *  two nobody does: what was on the log at the start and is not counted, and what this run has accepted and neither counted
 *  nor remembers. Half of what memory is sure to hold is left for records that are on their way to the disk. */
export function createCountedIds(
  { database, raw, bus }: { readonly database: Sql; readonly raw: Pick<RawReader, 'known'>; readonly bus: Pick<Bus, 'ranges'> },
  { atStart, recentIds }: CountedIdsOptions,
): KnownIds {
  const remembered = Math.floor(recentIds / 4);
  let counted: ReadonlyMap<number, number> = new Map();
  const uncounted = (ranges: readonly PartitionRange[]): number =>
    ranges.reduce((sum, { partition, earliest, next }) => sum + Math.max(0, next - Math.max(earliest, counted.get(partition) ?? 0)), 0);
  let isStartCounted = uncounted(atStart) === 0;
  return async (ids) => {
    // Positions first: what is counted after them is in the answer all the same.
    const ranges = await bus.ranges(TOPICS.transactions);
    if (!isStartCounted || uncounted(ranges) > remembered) {
      counted = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
      isStartCounted ||= uncounted(atStart) === 0;
    }
    const isWhole = isStartCounted && uncounted(ranges) <= remembered;
    return { known: await raw.known(ids), isWhole };
  };
}
