import type { Sql } from '../database.ts';

/** Deletes at most `limit` raw transactions that were taken in before `before` (epoch milliseconds); returns how many. Minute
 *  counts stay. From then on a repeat of such an id is counted as new. */
export async function deleteOldTransactions(sql: Sql, args: { readonly before: number; readonly limit: number }): Promise<number> {
  const [row] = await sql.query<{ deleted: number }>(
    `with gone as (
       delete from transaction where ctid = any (array(select ctid from transaction where ingested_at < $1 limit $2)) returning 1
     ) select count(*)::int as deleted from gone`,
    [args.before, args.limit],
  );
  return row?.deleted ?? 0;
}
