import type { Sql } from '../../database.ts';

/** Removes messages that the bus has. */
export async function deleteOutbox(sql: Sql, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query('delete from outbox where id = any($1::bigint[])', [ids]);
}
