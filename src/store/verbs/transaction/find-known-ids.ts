import type { Sql } from '../../database.ts';

/** Which of the ids are stored, with the content hash of each. Order and repeats in `ids` do not matter. */
export async function findKnownIds(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ id: string; content_hash: string }>(
    'select id, content_hash from transaction where id = any($1::text[])',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.content_hash]));
}
