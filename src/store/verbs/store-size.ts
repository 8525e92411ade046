import type { Database, Sql } from '../database.ts';

/** Bytes of the files of all tables and indexes; without the write-ahead log (at most some 100 MB). */
export async function readStoreBytes(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>('select pg_database_size(current_database()) as bytes');
  return row?.bytes ?? 0;
}

/** What raw transactions take. `freeBytes`: room in the files of those that are deleted row by row, which new rows will use; `rowBytes`: of one
 *  transaction with its index entries. Puts what deleted rows left behind in order first, which cannot be done in a transaction. */
export async function measureRaw(database: Database): Promise<{ readonly freeBytes: number; readonly rowBytes: number }> {
  await database.exec('vacuum (analyze, truncate off) transaction_before, transaction_key');
  await database.exec('create extension if not exists pg_freespacemap');
  const rows = await database.query<{ free: number; heap: number; total: number; rows: number }>(
    `select (select coalesce(sum(avail), 0) from pg_freespace(oid)) as free, pg_relation_size(oid) as heap, pg_total_relation_size(oid) as total,
       greatest(reltuples, 0)::float8 as rows
     from pg_class where oid in ('transaction_before'::regclass, 'transaction_key'::regclass)`,
  );
  // Pages of an index that are partly empty fill up again, too, and are in no map: they get the share of the table.
  const freeBytes = rows.reduce((sum, { total, free, heap }) => sum + (heap === 0 ? 0 : (total * free) / heap), 0);
  const total = rows.reduce((sum, one) => sum + one.total, 0) + (await readBytesOfDays(database));
  // Each transaction has a key, or is of an earlier version.
  const stored = Math.max(...rows.map((one) => one.rows));
  return { freeBytes, rowBytes: stored > 0 ? (total - freeBytes) / stored : 0 };
}

/** Bytes of raw transactions in the tables of days, or in the chunks of a hypertable. */
export async function readBytesOfDays(sql: Sql): Promise<number> {
  const [plain] = await sql.query<{ is_plain: boolean; bytes: number }>(
    `select (select relkind = 'p' from pg_class where oid = 'transaction'::regclass) as is_plain, coalesce(sum(pg_total_relation_size(inhrelid)), 0) as bytes
     from pg_inherits where inhparent = 'transaction'::regclass and inhrelid <> 'transaction_before'::regclass`,
  );
  if (plain?.is_plain !== false) return plain?.bytes ?? 0;
  const [divided] = await sql.query<{ bytes: number | null }>("select hypertable_size('transaction') as bytes");
  return divided?.bytes ?? 0;
}
