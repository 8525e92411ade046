import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../../bus/bus.ts';
import type { Sql } from '../../database.ts';

export interface LogToAdopt {
  readonly windows: Topic;
  /** Topics that are made from the transactions, with their readers and extents. */
  readonly derived: readonly { readonly topic: Topic; readonly group: string; readonly ranges: readonly PartitionRange[] }[];
}

/** Fits the database to a log that may know more than it does. Window sequences go on above every one that was published,
 *  also when a power cut has taken the database back in time: a number is never used for two windows. Readers of derived
 *  topics of a new database start at their ends, because the stages rebuild from the transactions what an earlier
 *  database had made. Returns false when the database has already read something. */
export async function adoptLog(tx: Sql, log: LogToAdopt): Promise<boolean> {
  const isNew = await isUnused(tx);
  const published = log.derived.filter(({ topic }) => topic === log.windows).flatMap(({ ranges }) => ranges.map(({ next }) => next));
  await tx.query('update window_closer set sequence = greatest(sequence, $1::bigint)', [Math.max(0, ...published)]);
  if (isNew) await startAtEnds(tx, log);
  return isNew;
}

async function isUnused(tx: Sql): Promise<boolean> {
  const [used] = await tx.query<{ used: boolean }>(
    'select exists (select 1 from consumer_offset) or (select sequence > 0 from window_closer) as used',
  );
  return used?.used === false;
}

async function startAtEnds(tx: Sql, log: LogToAdopt): Promise<void> {
  for (const { topic, group, ranges } of log.derived) {
    for (const { partition, next } of ranges) {
      await tx.query(
        `insert into consumer_offset (consumer_group, topic, partition, next_offset, generation, owner, origin) values ($1, $2, $3, $4, 0, '', $4)`,
        [group, topic, partition, next],
      );
    }
  }
}
