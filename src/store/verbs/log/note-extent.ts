import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../../bus/bus.ts';
import type { Sql } from '../../database.ts';

/** How much a topic's log holds: `kept` records, and `next`, the sum of the offsets behind its ends. */
export interface Extent {
  readonly topic: Topic;
  readonly kept: number;
  readonly next: number;
}

/** The extent of a log with these ranges. */
export function extentOf(topic: Topic, ranges: readonly PartitionRange[]): Extent {
  const sum = (of: (range: PartitionRange) => number): number => ranges.reduce((total, range) => total + of(range), 0);
  return { topic, kept: sum(({ earliest, next }) => next - earliest), next: sum(({ next }) => next) };
}

/** Notes extents of logs that are known by their ids, so that what a lost one held can be named. */
export async function noteExtents(sql: Sql, extents: readonly Extent[]): Promise<void> {
  await sql.query(
    `update log_identity set kept = e.kept, next = e.next
       from unnest($1::text[], $2::bigint[], $3::bigint[]) as e (topic, kept, next) where log_identity.topic = e.topic`,
    [extents.map(({ topic }) => topic), extents.map(({ kept }) => kept), extents.map(({ next }) => next)],
  );
}
