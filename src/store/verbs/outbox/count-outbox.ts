import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';

/** Messages that wait to be published, of a topic or of all. */
export async function countOutbox(sql: Sql, topic: Topic | null = null): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*)::int as n from outbox where ($1::text is null or topic = $1) and refused is null and published_offset is null',
    [topic],
  );
  return row?.n ?? 0;
}
