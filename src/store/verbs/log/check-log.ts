import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../../bus/bus.ts';
import type { Sql } from '../../database.ts';

/** The log of one topic as it is now. `id`: what it was made with. */
export interface LogOfTopic {
  readonly topic: Topic;
  readonly id: string;
  readonly ranges: readonly PartitionRange[];
}

/** A topic whose log is not the one that was read. `shorter`: the same one, as it was earlier. */
export interface ReplacedLog {
  readonly topic: Topic;
  readonly why: 'replaced' | 'shorter';
}

/** Compares each log with the positions that were committed in it. A log that is another one, or ends before a position, is
 *  read again from its start, since the offsets no longer mean the same records: ids make a repeat harmless. Call it before
 *  anything reads, while nobody else has the database open. Returns the topics that begin anew. */
export async function checkLog(tx: Sql, logs: readonly LogOfTopic[]): Promise<readonly ReplacedLog[]> {
  // Nobody is left from before; the numbers of the assignments may begin anew with a log that was replaced.
  await tx.query(`update consumer_offset set generation = 0, owner = ''`);
  await tx.query(`update window_closer set generation = 0, owner = ''`);
  const replaced: ReplacedLog[] = [];
  for (const log of logs) {
    const [known] = await tx.query<{ id: string }>('select id from log_identity where topic = $1', [log.topic]);
    const isOther = known !== undefined && known.id !== log.id;
    if (isOther || (await isShorter(tx, log))) {
      await startAnew(tx, log.topic);
      replaced.push({ topic: log.topic, why: isOther ? 'replaced' : 'shorter' });
    }
    await tx.query('insert into log_identity (topic, id) values ($1, $2) on conflict (topic) do update set id = excluded.id', [
      log.topic,
      log.id,
    ]);
  }
  return replaced;
}

async function isShorter(tx: Sql, { topic, ranges }: LogOfTopic): Promise<boolean> {
  const rows = await tx.query<{ partition: number; next_offset: number }>(
    `select partition, next_offset from consumer_offset where topic = $1 and next_offset > 0
     union all select 0, next_offset from detector_snapshot where $1 = 'guardian.windows'`,
    [topic],
  );
  return rows.some((row) => row.next_offset > (ranges.find(({ partition }) => partition === row.partition)?.next ?? 0));
}

async function startAnew(tx: Sql, topic: Topic): Promise<void> {
  await tx.query('update consumer_offset set next_offset = 0, origin = 0 where topic = $1', [topic]);
  if (topic === 'guardian.windows') await tx.query('update detector_snapshot set next_offset = 0');
}
