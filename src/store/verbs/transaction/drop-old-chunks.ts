import type { Sql } from '../../database.ts';

/** Tables that may be divided into chunks of time. */
export type ChunkedTable = 'minute_count' | 'minute_slice' | 'transaction';

/** Drops the chunks of a hypertable of which every minute is before `before` (epoch milliseconds): nothing is read or written for it, and
 *  what is older in the next chunk stays until that is past too. Returns how many; null where the table is not divided. Idempotent. */
export async function dropOldChunks(sql: Sql, table: ChunkedTable, before: number): Promise<number | null> {
  const [found] = await sql.query<{ there: boolean }>("select to_regclass('timescaledb_information.hypertables') is not null as there");
  if (found?.there !== true) return null;
  const divided = await sql.query(
    'select 1 from timescaledb_information.hypertables where hypertable_schema = current_schema() and hypertable_name = $1',
    [table],
  );
  if (divided.length === 0) return null;
  const dropped = await sql.query(`select drop_chunks('${table}', older_than => $1::bigint)`, [Math.floor(before)]);
  return dropped.length;
}
