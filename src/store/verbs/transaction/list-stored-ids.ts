import type { Sql } from '../../database.ts';

/** Ids of stored transactions in their order, at most `limit` after `after`, with content hash and arrival (epoch milliseconds). */
export function listStoredIds(
  sql: Sql,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ id: string; content_hash: string; ingested_at: number }[]> {
  return sql.query(
    `select id, content_hash, ingested_at from (
       (select id, content_hash, ingested_at from transaction_before where id > $1 order by id limit $2)
       union (select id, content_hash, ingested_at from transaction_key where id > $1 order by id limit $2)) as stored
     order by id limit $2`,
    [after, limit],
  );
}
