import type { Database, Sql } from '../database.ts';

/** Bytes of the files of all tables and indexes; without the write-ahead log (at most some 100 MB). */
export async function readStoreBytes(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>('select pg_database_size(current_database()) as bytes');
  return row?.bytes ?? 0;
}

/** What raw transactions take. */
export interface RawSize {
  /** Room in the files of what is deleted row by row, which new rows will use. */
  readonly freeBytes: number;
  /** Of one transaction with its index entries. */
  readonly rowBytes: number;
  /** Indexes that hold more room than new entries can use. `bytes`: what each would be smaller if it were built again. */
  readonly bloated: readonly { readonly index: string; readonly bytes: number }[];
}

interface RelationSize extends Record<string, unknown> {
  /** Of the table, with what is too long for its pages. */
  readonly table_bytes: number;
  readonly heap: number;
  readonly free: number;
  readonly rows: number;
  readonly indexes: readonly IndexSize[] | null;
}

interface IndexSize {
  readonly index: string;
  readonly bytes: number;
  /** Of the columns of an entry, in the mean; null where it is not ordered, or not of every row. */
  readonly width: number | null;
}

/** Tables from which raw transactions are deleted row by row. */
const BY_ROW = "'transaction_before'::regclass, 'transaction_key'::regclass";
const PAGE_BYTES = 8192;
/** Of a page, without its header and the pages above it. */
const USABLE_BYTES = 8000;
/** How full the pages of an index are: as it is built, and as they become where entries come in any order. */
const BUILT_FULL = 0.9;
const GROWN_FULL = 0.66;
/** An index that is so much larger than a grown one is not filled by new entries any more. */
const BLOATED_TIMES = 1.2;

/** Measures what raw transactions take. Puts what deleted rows left behind in order first, which cannot be done in a transaction. */
export async function measureRaw(database: Database): Promise<RawSize> {
  await database.exec('vacuum (analyze, truncate off) transaction_before, transaction_key');
  // The statistics of each look take a place of their own, which on an engine without autovacuum nobody else gives back.
  const [role] = await database.query<{ may: boolean }>('select rolsuper as may from pg_roles where rolname = current_user');
  if (role?.may === true) await database.exec('vacuum (truncate off) pg_statistic');
  await database.exec('create extension if not exists pg_freespacemap');
  const tables = await database.query<RelationSize>(
    `select pg_table_size(t.oid) as table_bytes, pg_relation_size(t.oid) as heap, (select coalesce(sum(avail), 0) from pg_freespace(t.oid)) as free,
       greatest(t.reltuples, 0)::float8 as rows,
       (select json_agg(json_build_object('index', i.indexrelid::regclass::text, 'bytes', pg_relation_size(i.indexrelid), 'width', case
           when am.amname = 'btree' and i.indpred is null then
             (select sum(s.avg_width) from pg_attribute a join pg_stats s on s.attname = a.attname
              where a.attrelid = i.indrelid and a.attnum = any(i.indkey) and s.tablename = t.relname and s.schemaname = n.nspname) end))
        from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am am on am.oid = x.relam where i.indrelid = t.oid) as indexes
     from pg_class t join pg_namespace n on n.oid = t.relnamespace where t.oid in (${BY_ROW})`,
  );
  const indexes = tables.flatMap(({ indexes: all, rows }) => (all ?? []).map((one) => ({ ...one, ...roomIn(one, rows) })));
  // What is too long for a page gets the share of the others.
  const freeOfTables = tables.reduce((sum, { table_bytes: bytes, free, heap }) => sum + (heap === 0 ? 0 : (bytes * free) / heap), 0);
  const freeBytes = freeOfTables + indexes.reduce((sum, { free }) => sum + free, 0);
  const stored = tables.reduce((sum, { table_bytes: bytes }) => sum + bytes, 0) + indexes.reduce((sum, { bytes }) => sum + bytes, 0);
  const total = stored + (await readBytesOfDays(database));
  // Each transaction has a key, or is of an earlier version.
  const rows = Math.max(...tables.map((one) => one.rows));
  const bloated = indexes.filter(({ isBloated }) => isBloated).map(({ index, excess }) => ({ index, bytes: excess }));
  return { freeBytes, rowBytes: rows > 0 ? (total - freeBytes) / rows : 0, bloated };
}

/** Room in an index of a table with so many rows, by how large it would be for them: pages that are partly empty are in no map. */
function roomIn(
  { bytes, width }: IndexSize,
  rows: number,
): { readonly free: number; readonly excess: number; readonly isBloated: boolean } {
  if (width === null) return { free: 0, excess: 0, isBloated: false };
  const entry = 4 + 8 + Math.ceil(width / 8) * 8;
  const pagesAt = (full: number): number => 1 + Math.ceil((rows * entry) / (USABLE_BYTES * full));
  const grown = pagesAt(GROWN_FULL) * PAGE_BYTES;
  const excess = Math.max(0, bytes - pagesAt(BUILT_FULL) * PAGE_BYTES);
  return { free: Math.max(0, bytes - grown), excess, isBloated: bytes > grown * BLOATED_TIMES };
}

/** Builds an index again, while others read and write; it takes the room of a second one meanwhile. What an earlier try has left behind goes
 *  first. Throws STORE_*, as where the server ends it for its time. */
export async function rebuildIndex(database: Database, index: string): Promise<void> {
  const left = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where not i.indisvalid and i.indrelid in (${BY_ROW}) and c.relname ~ '_ccnew[0-9]*$'`,
  );
  for (const { name } of left) await database.exec(`drop index if exists ${name}`);
  await database.exec(`reindex index concurrently ${index}`);
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
