import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, PartitionRange } from '../bus/bus.ts';
import { DETECT_GROUP } from '../detect/stage/worker.ts';
import type { Database } from '../store/database.ts';
import { countOutbox } from '../store/verbs/outbox/count-outbox.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { readUnmerged } from '../store/verbs/window/window-segments.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

/** How far what was accepted is counted and judged, as positions in the logs. Throws STORE_UNAVAILABLE, BUS_UNAVAILABLE. */
export async function readLogProgress({ bus, database }: { readonly bus: Bus; readonly database: Database }): Promise<Progress> {
  // What is done is read before what there is to do: what happens in between makes it look further away, never nearer.
  const counted = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
  const unmerged = await readUnmerged(database);
  const judged = await readOffsets(database, { group: DETECT_GROUP, topic: TOPICS.windows });
  const waiting = await countOutbox(database, TOPICS.windows);
  const records = await bus.ranges(TOPICS.transactions);
  const minutes = await bus.ranges(TOPICS.windows);
  return {
    accepted: byPartition(records, ({ next }) => next),
    counted: byPartition(records, ({ partition, earliest }) =>
      Math.max(earliest, Math.min(counted.get(partition) ?? 0, unmerged.get(partition) ?? Number.POSITIVE_INFINITY)),
    ),
    closed: byPartition(minutes, ({ next }) => next + waiting),
    judged: byPartition(minutes, ({ partition, earliest }) => Math.max(earliest, judged.get(partition) ?? 0)),
  };
}

function byPartition(ranges: readonly PartitionRange[], position: (range: PartitionRange) => number): Record<string, number> {
  return Object.fromEntries(ranges.map((range) => [String(range.partition), position(range)]));
}
