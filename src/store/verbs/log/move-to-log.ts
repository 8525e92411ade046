import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../../bus/bus.ts';
import type { Sql } from '../../database.ts';
import { sendAgain, startAt } from './check-log.ts';

/** The log that a database goes on with. */
export interface NextLog {
  /** Every topic, by the id that its log was made with. */
  readonly topics: readonly { readonly topic: Topic; readonly id: string }[];
  /** Topics that the stages make from the transactions, as they are. */
  readonly derived: readonly { readonly topic: Topic; readonly ranges: readonly PartitionRange[] }[];
}

/** Lets a database go on with other topics than it was counted from, of whose transactions every one is counted. The new topic of transactions is
 *  read from its start: whatever is in it, ids that are known are not counted again. Stages go on behind the ends of the derived topics, where
 *  the relay publishes what they have not read. Open minutes, numbers of windows and the state of the detector stay. Call it while nobody has the
 *  database open. */
export async function moveToLog(tx: Sql, { topics, derived }: NextLog): Promise<void> {
  await tx.query('delete from log_identity');
  await tx.query('insert into log_identity (topic, id) select * from unnest($1::text[], $2::text[])', [
    topics.map(({ topic }) => topic),
    topics.map(({ id }) => id),
  ]);
  await tx.query('delete from consumer_offset where topic = $1', [TOPICS.transactions]);
  await tx.query(`update consumer_offset set generation = 0, owner = ''`);
  await tx.query(`update window_closer set generation = 0, owner = ''`);
  // Offsets of the log before: whoever waits for what is counted waits for these first.
  await tx.query('update window_segment set first_offset = -1');
  for (const { topic, ranges } of derived) {
    const next = Math.max(0, ...ranges.map((range) => range.next));
    await startAt(tx, topic, next);
    // What may lie before is another database's.
    await tx.query('update consumer_offset set origin = $2 where topic = $1', [topic, next]);
    if (topic === TOPICS.windows) await tx.query('update window_closer set sequence = greatest(sequence, $1::bigint)', [next]);
    await sendAgain(tx, topic, 0);
  }
}
