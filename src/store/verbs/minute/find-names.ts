import type { Sql } from '../../database.ts';

/** What can be named in a minute count. */
export type NamedColumn = 'merchant_id' | 'acquirer' | 'auth_code';

const MINUTE_MS = 60_000;
/** Between two minutes that are looked into for names of merchants: most rows of a day are theirs. */
const STEP_MS = 15 * MINUTE_MS;

/** True when this name had transactions in the minutes from `from` up to `to` (epoch milliseconds). */
export async function hasName(
  sql: Sql,
  column: NamedColumn,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const table = column === 'merchant_id' ? 'minute_count' : 'minute_slice';
  // One look into each minute: the keys begin with it.
  const rows = await sql.query(
    `select 1 as there from generate_series($1::bigint, $2::bigint, ${MINUTE_MS}) as one (minute_)
       cross join lateral (select 1 from ${table} where minute = minute_ and ${column} = $3 limit 1) as own limit 1`,
    [Math.ceil(from / MINUTE_MS) * MINUTE_MS, to - 1, name],
  );
  return rows.length > 0;
}

/** Names that had transactions from `from` up to `to`, in no order; of merchants those that were seen in one minute of every
 *  quarter of an hour. */
export async function findNames(
  sql: Sql,
  column: NamedColumn,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<string[]> {
  const [table, step] = column === 'merchant_id' ? ['minute_count', STEP_MS] : ['minute_slice', MINUTE_MS];
  const rows = await sql.query<{ name: string }>(
    `select distinct ${column} as name from generate_series($1::bigint, $2::bigint, ${step}) as one (minute_)
       join ${table} on minute = minute_ where ${column} <> ''`,
    [to - MINUTE_MS - Math.floor((to - from) / step) * step, to - MINUTE_MS],
  );
  return rows.map(({ name }) => name);
}
