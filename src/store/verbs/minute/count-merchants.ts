import type { Cell } from '@transaction-guardian/contracts/window.ts';
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

// One text a minute instead of a row for each merchant: ten thousand rows cost more to hand over than to add up.
const SELECT = `
select minute, json_build_object('merchants', json_agg(merchant_id), 'transactions', json_agg(transactions), 'approved', json_agg(approved),
  'failed', json_agg(failed), 'denied', json_agg(denied), 'reversed', json_agg(reversed))::text as columns
from (
  select minute, merchant_id, sum(count) as transactions,
    coalesce(sum(count) filter (where status = 'approved'), 0) as approved,
    coalesce(sum(count) filter (where status = 'failed'), 0) as failed,
    coalesce(sum(count) filter (where status = 'denied'), 0) as denied,
    coalesce(sum(count) filter (where status in ('reversed', 'backend_reversed')), 0) as reversed
  from minute_count where minute = any($1::bigint[]) and merchant_id <> '' and status <> ''
  group by minute, merchant_id
) as counted group by minute`;

/** Adds up minutes by merchant; only merchants with transactions, and only minutes that have some. */
export async function countMerchants(sql: Sql, minutes: readonly number[]): Promise<ReadonlyMap<number, MerchantCounts>> {
  if (minutes.length === 0) return new Map();
  const rows = await sql.query<{ minute: number; columns: string }>(SELECT, [minutes]);
  return new Map(rows.map(({ minute, columns }) => [minute, parseCounts(columns)]));
}

/** Reads the text form of counts. */
export function parseCounts(columns: string): MerchantCounts {
  return JSON.parse(columns) as MerchantCounts;
}

/** The counts by merchant in the cells of one minute: the same as `countMerchants` of them when they are stored. Pure. */
export function merchantCountsOf(cells: Iterable<Pick<Cell, 'merchant_id' | 'status' | 'count'>>): MerchantCounts {
  const places = new Map<string, number>();
  const counts = {
    merchants: [] as string[],
    transactions: [] as number[],
    approved: [] as number[],
    failed: [] as number[],
    denied: [] as number[],
    reversed: [] as number[],
  };
  const { merchants, transactions, approved, failed, denied, reversed } = counts;
  const ofStatus: Readonly<Record<string, number[]>> = { approved, failed, denied, reversed, backend_reversed: reversed };
  for (const { merchant_id, status, count } of cells) {
    if (merchant_id === '' || status === '') continue;
    let place = places.get(merchant_id);
    if (place === undefined) {
      place = merchants.push(merchant_id) - 1;
      places.set(merchant_id, place);
      for (const column of [transactions, approved, failed, denied, reversed]) column.push(0);
    }
    transactions[place] = (transactions[place] ?? 0) + count;
    const column = ofStatus[status];
    if (column !== undefined) column[place] = (column[place] ?? 0) + count;
  }
  return counts;
}
