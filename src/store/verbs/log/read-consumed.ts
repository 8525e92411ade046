import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** Offset that the furthest consumer of a topic reads next, by partition. Empty before the first commit. */
export async function readConsumed(sql: Sql, topic: Topic): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ partition: number; next_offset: number }>(
    'select partition, max(next_offset) as next_offset from consumer_offset where topic = $1 group by partition',
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
