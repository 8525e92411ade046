import type { Database, Sql } from '../database.ts';

/** Bytes of the files of all tables and indexes; without the write-ahead log (at most some 100 MB). */
export async function readStoreBytes(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>('select pg_database_size(current_database()) as bytes');
  return row?.bytes ?? 0;
}

/** What raw transactions take. `freeBytes`: room in their files that new rows will use; `rowBytes`: of one row with its index
 *  entries. Puts what deleted rows left behind in order first, which cannot be done in a transaction. */
export async function measureRaw(database: Database): Promise<{ readonly freeBytes: number; readonly rowBytes: number }> {
  await database.exec('vacuum (analyze, truncate off) transaction');
  await database.exec('create extension if not exists pg_freespacemap');
  const [row] = await database.query<{ free: number; heap: number; total: number; rows: number }>(
    `select (select coalesce(sum(avail), 0) from pg_freespace('transaction')) as free, pg_relation_size('transaction') as heap,
       pg_total_relation_size('transaction') as total, greatest(reltuples, 0)::float8 as rows
     from pg_class where oid = 'transaction'::regclass`,
  );
  if (row === undefined || row.heap === 0) return { freeBytes: 0, rowBytes: 0 };
  // Pages of an index that are partly empty fill up again, too, and are in no map: they get the share of the table.
  const freeBytes = (row.total * row.free) / row.heap;
  return { freeBytes, rowBytes: row.rows > 0 ? (row.total - freeBytes) / row.rows : 0 };
}
