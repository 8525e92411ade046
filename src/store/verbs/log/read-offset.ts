import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** The offset that a group reads next in every partition that it has committed, by partition. */
export async function readOffsets(sql: Sql, args: { readonly group: string; readonly topic: Topic }): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ partition: number; next_offset: number }>(
    'select partition, next_offset from consumer_offset where consumer_group = $1 and topic = $2 and next_offset >= 0',
    [args.group, args.topic],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
