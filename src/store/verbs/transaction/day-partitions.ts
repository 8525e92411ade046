import type { Database, Sql } from '../../database.ts';

const DAY_MS = 86_400_000;
/** Any number that nobody else locks. */
const LOCK = 5_284_774;

interface Partition extends Record<string, unknown> {
  readonly name: string;
  /** Arrivals in [from, to), epoch milliseconds; null: without limit. */
  readonly from: number | null;
  readonly to: number | null;
}

/** The tables of days, oldest first: neither what was there before they were made nor what no table of a day takes. Empty where the table is
 *  a hypertable. */
async function listDays(sql: Sql): Promise<Partition[]> {
  return sql.query<Partition>(
    `select name, substring(bound from 'FROM \\(''(-?\\d+)''\\)')::bigint as "from", substring(bound from 'TO \\(''(-?\\d+)''\\)')::bigint as "to"
     from (select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound
             from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'transaction'::regclass) as part
     where bound like '%FROM (''%' order by 2`,
  );
}

/** True where transactions go by whole days: tables of days, or a hypertable. */
export async function areDivided(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ plain: boolean }>("select relkind = 'p' as plain from pg_class where oid = 'transaction'::regclass");
  return row?.plain === false || (await listDays(sql)).length > 0;
}

/** Where the tables of days begin, epoch milliseconds; null where transactions are not divided by days (a hypertable divides by itself). */
async function readBorder(sql: Sql): Promise<number | null> {
  const [row] = await sql.query<{ border: number | null }>(
    `select substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''(-?\\d+)''\\)')::bigint as border
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'transaction'::regclass and c.oid = 'transaction_before'::regclass`,
  );
  return row?.border ?? null;
}

/** Makes the tables of the days from that of `from` to that of `to` (epoch milliseconds of arrival) that are not there, each in a transaction of
 *  its own. Transactions that arrived on such a day without one move into it. Counting goes on meanwhile. Returns the names of the new ones.
 *  Idempotent, also from several processes. */
export async function makeDayPartitions(
  database: Database,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly string[]> {
  const border = await readBorder(database);
  if (border === null) return [];
  const made: string[] = [];
  const there = new Set((await listDays(database)).map((day) => day.from));
  for (let day = Math.max(border, Math.floor(from / DAY_MS) * DAY_MS); day <= to; day += DAY_MS) {
    if (there.has(day)) continue;
    const name = nameOf(day);
    if (await database.transaction((tx) => makeDay(tx, name, day))) made.push(name);
  }
  return made;
}

const nameOf = (day: number): string => `transaction_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;

async function makeDay(tx: Sql, name: string, day: number): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  const [found] = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  if (found?.there !== false) return false;
  await tx.exec(`create table ${name} (like transaction including constraints including storage)`);
  const range = `ingested_at >= ${day} and ingested_at < ${day + DAY_MS}`;
  const [late] = await tx.query<{ some: boolean }>(`select exists (select from transaction_later where ${range}) as some`);
  if (late?.some === true) {
    // Nobody may add another one until the table is there.
    await tx.exec(`lock table transaction_later in access exclusive mode;
      with moved as (delete from transaction_later where ${range} returning *) insert into ${name} select * from moved`);
  }
  // Rows of other days are written meanwhile: this takes no lock that they need.
  await tx.exec(`alter table transaction attach partition ${name} for values from (${day}) to (${day + DAY_MS})`);
  return true;
}

/** A reader may have the table for long, and whoever waits for it keeps everybody else out. */
const LOCK_WAIT_MS = 2000;

/** Drops the tables of days of which every transaction arrived before `before` (epoch milliseconds). Returns their names. Throws
 *  STORE_UNAVAILABLE when readers hold a table for seconds. Idempotent. */
export async function dropDayPartitions(database: Database, before: number): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const { name, to } of await listDays(database)) {
    if (to === null || to > before) continue;
    await database.transaction(async (tx) => {
      await tx.exec(`set local lock_timeout = ${LOCK_WAIT_MS}; drop table if exists ${name}`);
    });
    dropped.push(name);
  }
  return dropped;
}
