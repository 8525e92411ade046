import { GuardianError } from '../errors.ts';
import type { Database, Sql } from './database.ts';

export interface CopyTablesOptions {
  /** Rows in one transaction (default 5000). */
  readonly pageRows?: number;
  /** Called after each. */
  readonly onPage?: (page: { readonly table: string; readonly rows: number }) => void;
}

interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** The column that counts up; null where none does. */
  readonly identity: string | null;
}

/** Where a copy has come to, in the database that it goes to. */
const PROGRESS = 'data_move';
/** Rows of these are large. */
const SINGLY = new Set(['detector_snapshot', 'merchant_minute', 'window_segment', 'briefing']);
/** What a database has that somebody has used. */
const USED = ['consumer_offset', 'minute', 'minute_count', 'anomaly', 'audit', 'transaction'];

/** Copies every row of one database to another with the same schema, in pages that are a transaction each with the place that was reached: a
 *  copy that was broken off goes on there. Nobody may write to either meanwhile. Throws STORE_REFUSED when the other one has rows that no copy
 *  has brought. */
export async function copyTables(from: Database, to: Database, { pageRows = 5000, onPage }: CopyTablesOptions = {}): Promise<void> {
  await begin(to);
  for (const table of await tablesOf(from)) {
    const limit = SINGLY.has(table.name) ? 1 : pageRows;
    for (;;) {
      const rows = await to.transaction((tx) => copyPage(from, tx, table, limit));
      if (rows === null) break;
      onPage?.({ table: table.name, rows });
    }
  }
}

/** Rows of an earlier version have no keys where they are, and rows without keys are refused where they go. */
const COPY_KEYS = `insert into transaction_key (id, ingested_at, content_hash)
  select id, ingested_at, content_hash from jsonb_populate_recordset(null::transaction, $1::jsonb) on conflict (id) do nothing`;

/** Ends a copy that is complete: from now on the other database is one as any. */
export async function endCopy(to: Sql): Promise<void> {
  await to.exec(`drop table ${PROGRESS}`);
}

async function begin(to: Database): Promise<void> {
  await to.transaction(async (tx) => {
    const [found] = await tx.query<{ there: boolean }>(`select to_regclass('${PROGRESS}') is not null as there`);
    if (found?.there === true) return;
    for (const table of USED) {
      if ((await tx.query(`select 1 from ${table} limit 1`)).length > 0)
        throw new GuardianError('STORE_REFUSED', `The database to copy to holds data (${table}): use an empty one.`, {
          rule: 'move_not_empty',
          params: { table },
        });
    }
    await tx.exec(`create table ${PROGRESS} (name text primary key, last_key jsonb, rows bigint not null, is_done boolean not null)`);
  });
}

interface Reached {
  readonly last_key: Readonly<Record<string, unknown>> | null;
  readonly is_done: boolean;
}

/** Returns how many rows it copied; null when the table is done. */
async function copyPage(from: Database, tx: Sql, { name, key, identity }: Table, limit: number): Promise<number | null> {
  const [reached] = await tx.query<Reached>(`select last_key, is_done from ${PROGRESS} where name = $1`, [name]);
  if (reached?.is_done === true) return null;
  // What the migrations put in gives way to what the other database has. The audit, which has none, lets nobody delete.
  if (reached === undefined && (await tx.query(`select 1 from ${name} limit 1`)).length > 0) await tx.exec(`delete from ${name}`);
  const after = reached?.last_key ?? null;
  const columns = key.join(', ');
  const where = after === null ? '' : `where (${columns}) > (select ${columns} from jsonb_populate_record(null::${name}, $2::jsonb))`;
  const [page] = await from.query<{ rows: string | null; n: number; last: string | null }>(
    `with page as (select * from ${name} ${where} order by ${columns} limit $1)
     select (select json_agg(to_jsonb(page))::text from page) as rows, (select count(*)::int from page) as n,
       (select jsonb_build_object(${key.map((column) => `'${column}', ${column}`).join(', ')})::text
        from page order by ${key.map((column) => `${column} desc`).join(', ')} limit 1) as last`,
    [limit, ...(after === null ? [] : [JSON.stringify(after)])],
  );
  const n = page?.n ?? 0;
  if (n > 0 && name === 'transaction') await tx.query(COPY_KEYS, [page?.rows ?? '[]']);
  if (n > 0)
    await tx.query(`insert into ${name} overriding system value select * from jsonb_populate_recordset(null::${name}, $1::jsonb)`, [
      page?.rows ?? '[]',
    ]);
  const isDone = n < limit;
  if (isDone && identity !== null)
    await tx.query(`select setval(pg_get_serial_sequence($1, $2), greatest(1, (select coalesce(max(${identity}), 1) from ${name})))`, [
      name,
      identity,
    ]);
  await tx.query(
    `insert into ${PROGRESS} (name, last_key, rows, is_done) values ($1, $2::jsonb, $3, $4)
     on conflict (name) do update set last_key = coalesce(excluded.last_key, ${PROGRESS}.last_key), rows = ${PROGRESS}.rows + excluded.rows, is_done = excluded.is_done`,
    [name, page?.last ?? null, n, isDone],
  );
  return n;
}

/** How many rows a table has in both, and whether they are the same in every column. */
export interface ComparedTable {
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly same: boolean;
}

/** Compares each table of two databases: the number of rows and a sum of the hashes of their texts. */
export async function compareTables(from: Sql, to: Sql): Promise<readonly ComparedTable[]> {
  const compared: ComparedTable[] = [];
  for (const { name } of await tablesOf(from)) {
    const sum = `select count(*)::bigint as rows, coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)::text as hash from ${name} as one`;
    const [[here], [there]] = [await from.query<Sum>(sum), await to.query<Sum>(sum)];
    compared.push({
      table: name,
      from: here?.rows ?? 0,
      to: there?.rows ?? 0,
      same: here?.rows === there?.rows && here?.hash === there?.hash,
    });
  }
  return compared;
}

interface Sum {
  readonly rows: number;
  readonly hash: string;
}

/** Those that others refer to come first. Transactions, whose ids are unique over the tables of days, have no primary key, and bring their keys
 *  with them. */
async function tablesOf(sql: Sql): Promise<readonly Table[]> {
  return sql.query<{ name: string; key: string[]; identity: string | null }>(
    `select c.relname::text as name,
       coalesce((select array_agg(a.attname::text order by k.n) from pg_index i, unnest(i.indkey) with ordinality k (att, n)
          join pg_attribute a on a.attnum = k.att where i.indrelid = c.oid and a.attrelid = c.oid and i.indisprimary), array['id']) as key,
       (select attname::text from pg_attribute where attrelid = c.oid and attidentity <> '') as identity
     from pg_class c
     where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
       and c.relname not in ('schema_migration', 'transaction_key', '${PROGRESS}')
     order by exists (select 1 from pg_constraint where conrelid = c.oid and contype = 'f'), c.relname`,
  );
}
