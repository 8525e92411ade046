import type { Sql } from '../../database.ts';

/** Which of the ids are stored, with the content hash of each. Order and repeats in `ids` do not matter. */
export async function findKnownIds(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ id: string; content_hash: string }>(
    `select id, content_hash from transaction_before where id = any($1::text[])
     union all select id, content_hash from transaction_key where id = any($1::text[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.content_hash]));
}

/** Which of the ids are in the table that was there before ids had keys: those of an earlier version, and late ones that have a key too. */
export async function findIdsBefore(sql: Sql, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await sql.query<{ id: string }>('select id from transaction_before where id = any($1::text[])', [ids]);
  return rows.map(({ id }) => id);
}

/** True when there may be ids without a key: false stays false. */
export async function hasIdsBefore(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ some: boolean }>('select exists (select from transaction_before) as some');
  return row?.some !== false;
}
