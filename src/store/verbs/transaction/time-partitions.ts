import type { Database, Sql } from '../../database.ts';

const DAY_MS = 86_400_000;
/** Any number that nobody else locks. */
const LOCK = 5_284_774;

/** A table that a server divides by time. Beside the tables of spans it has `<table>_before`, with all that was there when it was divided, and
 *  `<table>_later` for what no other table takes. */
export interface DividedTable {
  readonly table: 'transaction' | 'minute_count';
  /** Epoch milliseconds. */
  readonly column: string;
  readonly spanMs: number;
  /** Storage parameters, which partitions do not inherit. */
  readonly storage: string;
}

/** Single transactions by the day of arrival. */
export const TRANSACTIONS: DividedTable = { table: 'transaction', column: 'ingested_at', spanMs: DAY_MS, storage: '' };
/** Counts of minutes by the week of event time; one table in a data directory. */
export const MINUTE_COUNTS: DividedTable = {
  table: 'minute_count',
  column: 'minute',
  spanMs: 7 * DAY_MS,
  storage: 'with (fillfactor = 80)',
};

interface Partition extends Record<string, unknown> {
  readonly name: string;
  /** Rows in [from, to), epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** The tables of spans, oldest first. Empty where the table is a hypertable, or one. */
async function listSpans(sql: Sql, { table }: DividedTable): Promise<Partition[]> {
  return sql.query<Partition>(
    `select name, substring(bound from 'FROM \\(''(-?\\d+)''\\)')::bigint as "from", substring(bound from 'TO \\(''(-?\\d+)''\\)')::bigint as "to"
     from (select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound
             from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass) as part
     where bound like '%FROM (''%' order by 2`,
    [table],
  );
}

/** True where the server divides a table by partitions: not by a hypertable, and not one table. */
export async function isPartitioned(sql: Sql, { table }: DividedTable): Promise<boolean> {
  const [row] = await sql.query<{ there: boolean }>("select relkind = 'p' as there from pg_class where oid = $1::regclass", [table]);
  return row?.there === true;
}

/** True where rows go by whole spans: tables of spans are there, or a hypertable. */
export async function areDivided(sql: Sql, of: DividedTable): Promise<boolean> {
  return !(await isPartitioned(sql, of)) || (await listSpans(sql, of)).length > 0;
}

/** Where the tables of spans begin, epoch milliseconds; null where there are none by partitions. */
async function readBorder(sql: Sql, { table }: DividedTable): Promise<number | null> {
  const [row] = await sql.query<{ border: number | null }>(
    `select substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''(-?\\d+)''\\)')::bigint as border
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass and c.relname = $1 || '_before'`,
    [table],
  );
  return row?.border ?? null;
}

/** Makes the tables of the spans from that of `from` to that of `to` (epoch milliseconds) that are not there, each in a transaction of its own.
 *  Rows that came for such a span without one move into it. Counting goes on meanwhile. Returns the names of the new ones; none where the table
 *  is not divided by partitions. Idempotent, also from several processes. */
export async function makePartitions(
  database: Database,
  of: DividedTable,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly string[]> {
  const border = await readBorder(database, of);
  if (border === null) return [];
  const made: string[] = [];
  const there = new Set((await listSpans(database, of)).map((span) => span.from));
  for (let at = Math.max(border, Math.floor(from / of.spanMs) * of.spanMs); at <= to; at += of.spanMs) {
    if (there.has(at)) continue;
    const name = `${of.table}_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`;
    if (await database.transaction((tx) => makeSpan(tx, of, name, at))) made.push(name);
  }
  return made;
}

async function makeSpan(tx: Sql, { table, column, spanMs, storage }: DividedTable, name: string, at: number): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  const [found] = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  if (found?.there !== false) return false;
  await tx.exec(`create table ${name} (like ${table} including constraints including storage) ${storage}`);
  const range = `${column} >= ${at} and ${column} < ${at + spanMs}`;
  const [late] = await tx.query<{ some: boolean }>(`select exists (select from ${table}_later where ${range}) as some`);
  if (late?.some === true) {
    // Nobody may add another one until the table is there.
    await tx.exec(`lock table ${table}_later in access exclusive mode;
      with moved as (delete from ${table}_later where ${range} returning *) insert into ${name} select * from moved`);
  }
  // Rows of other spans are written meanwhile: this takes no lock that they need.
  await tx.exec(`alter table ${table} attach partition ${name} for values from (${at}) to (${at + spanMs})`);
  return true;
}

/** A reader may have the table for long, and whoever waits for it keeps everybody else out. */
const LOCK_WAIT_MS = 2000;

/** Drops the tables of spans of which every row is from before `before` (epoch milliseconds). Returns their names. Throws STORE_UNAVAILABLE when
 *  readers hold a table for seconds. Idempotent. */
export async function dropPartitions(database: Database, of: DividedTable, before: number): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const { name, to } of await listSpans(database, of)) {
    if (to > before) continue;
    await database.transaction((tx) => tx.exec(`set local lock_timeout = ${LOCK_WAIT_MS}; drop table if exists ${name}`));
    dropped.push(name);
  }
  return dropped;
}
