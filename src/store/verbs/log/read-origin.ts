import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** First offset of a partition that belongs to this database: what lies before was made from an earlier one. 0 for a
 *  partition that nobody has claimed. */
export async function readOrigin(
  sql: Sql,
  args: { readonly group: string; readonly topic: Topic; readonly partition: number },
): Promise<number> {
  const [row] = await sql.query<{ origin: number }>(
    'select origin from consumer_offset where consumer_group = $1 and topic = $2 and partition = $3',
    [args.group, args.topic, args.partition],
  );
  return row?.origin ?? 0;
}
