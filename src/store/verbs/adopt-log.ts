import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../bus/bus.ts';
import type { Sql } from '../database.ts';

export interface LogToAdopt {
  readonly windows: Topic;
  /** Topics that are made from the transactions, with their readers and extents. */
  readonly derived: readonly { readonly topic: Topic; readonly group: string; readonly ranges: readonly PartitionRange[] }[];
}

/** Fits a new database to a log that may be older than it: what the stages will make again from the transactions must not
 *  mix with what an earlier database had made. Readers of derived topics start at their ends, and window sequences go on
 *  above every one that was published. Does nothing, and returns false, when the database has already read something. */
export async function adoptLog(tx: Sql, log: LogToAdopt): Promise<boolean> {
  const [used] = await tx.query<{ used: boolean }>('select exists (select 1 from consumer_offset) or (select sequence > 0 from window_state) as used');
  if (used?.used !== false) return false;
  for (const { topic, group, ranges } of log.derived) {
    for (const { partition, next } of ranges) {
      await tx.query(`insert into consumer_offset (consumer_group, topic, partition, next_offset, generation, owner) values ($1, $2, $3, $4, 0, '')`, [
        group,
        topic,
        partition,
        next,
      ]);
    }
  }
  const published = log.derived.filter(({ topic }) => topic === log.windows).flatMap(({ ranges }) => ranges.map(({ next }) => next));
  await tx.query('update window_state set sequence = $1', [Math.max(0, ...published)]);
  return true;
}
