import type { Sql } from '../../database.ts';

/** Counts of one minute by merchant, as columns of equal length. `reversed` includes those of the back end. */
export interface MerchantCounts {
  readonly merchants: readonly string[];
  readonly transactions: readonly number[];
  readonly approved: readonly number[];
  readonly failed: readonly number[];
  readonly denied: readonly number[];
  readonly reversed: readonly number[];
}

// One text instead of a row for each merchant: ten thousand rows cost more to hand over than to add up.
const SELECT = `
select json_build_object('merchants', json_agg(merchant_id), 'transactions', json_agg(transactions), 'approved', json_agg(approved),
  'failed', json_agg(failed), 'denied', json_agg(denied), 'reversed', json_agg(reversed))::text as columns
from (
  select merchant_id, sum(count) as transactions,
    coalesce(sum(count) filter (where status = 'approved'), 0) as approved,
    coalesce(sum(count) filter (where status = 'failed'), 0) as failed,
    coalesce(sum(count) filter (where status = 'denied'), 0) as denied,
    coalesce(sum(count) filter (where status in ('reversed', 'backend_reversed')), 0) as reversed
  from minute_count where minute = $1 and merchant_id <> '' and status <> ''
  group by merchant_id
) as counted having count(*) > 0`;

const NOBODY: MerchantCounts = { merchants: [], transactions: [], approved: [], failed: [], denied: [], reversed: [] };

/** Adds up a minute by merchant; only merchants with transactions. */
export async function countMerchants(sql: Sql, minute: number): Promise<MerchantCounts> {
  const [row] = await sql.query<{ columns: string }>(SELECT, [minute]);
  return row === undefined ? NOBODY : (JSON.parse(row.columns) as MerchantCounts);
}
