import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** Messages of a topic that wait to be published. */
export async function countOutbox(sql: Sql, topic: Topic): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*)::int as n from outbox where topic = $1 and refused is null and published_offset is null',
    [topic],
  );
  return row?.n ?? 0;
}
