import type { Sql } from '../../database.ts';

interface KnownId extends Record<string, unknown> {
  readonly id: string;
  readonly content_hash: string;
}

const toMap = (rows: readonly KnownId[]): ReadonlyMap<string, string> => new Map(rows.map((row) => [row.id, row.content_hash]));

/** Which of the ids are stored, with the content hash of each. Order and repeats in `ids` do not matter. */
export async function findKnownIds(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  return toMap(
    await sql.query<KnownId>(
      `select id, content_hash from transaction_before where id = any($1::text[])
       union all select id, content_hash from transaction_key where id = any($1::text[])`,
      [ids],
    ),
  );
}

/** Which of the ids an earlier version has stored, without a key. A later one may be among them that has its key too. */
export async function findIdsBefore(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  return toMap(await sql.query<KnownId>('select id, content_hash from transaction_before where id = any($1::text[])', [ids]));
}

/** True when there may be ids without a key: false stays false. */
export async function hasIdsBefore(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ some: boolean }>('select exists (select from transaction_before) as some');
  return row?.some !== false;
}
