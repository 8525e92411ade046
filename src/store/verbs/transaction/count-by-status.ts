import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';
import { MINUTE_MS } from '../../../clock.ts';
import { createFilter, type Filter } from '../filter.ts';
import type { MinuteRange } from '../minute/read-minutes.ts';

/** Transactions of one status in one minute. `status` is '' for a breakdown by auth code that names none. */
export interface StatusCount {
  readonly minute: number;
  readonly status: string;
  readonly count: number;
}

/** Counts of a slice by minute and status, minutes in [from, to). A minute without transactions has no row. Breakdown
 *  rows are left out unless the slice is an auth code: only there do they add to the total. */
export function countByStatus(sql: Sql, slice: Slice, range: MinuteRange): Promise<StatusCount[]> {
  const filter = createFilter();
  const source = slice.merchant_id === undefined ? 'minute_slice' : ofMerchant(filter, slice.merchant_id, range);
  filter.add('minute >= ?', range.from);
  filter.add('minute < ?', range.to);
  filter.equals('status', slice.status);
  filter.equals('auth_code', slice.auth_code);
  filter.equals('acquirer', slice.acquirer);
  if (slice.auth_code === undefined) filter.add(`status <> ''`);
  return sql.query<StatusCount>(
    `select minute, status, sum(count)::bigint as count from ${source} ${filter.clause()} group by minute, status order by minute`,
    filter.params,
  );
}

/** One look into each minute: the key of the counts begins with the minute, and most rows of a minute are of others. */
function ofMerchant(filter: Filter, merchant: string, { from, to }: MinuteRange): string {
  const first = filter.bind(Math.ceil(from / MINUTE_MS) * MINUTE_MS);
  const id = filter.bind(merchant);
  return `generate_series(${first}::bigint, ${filter.bind(to - 1)}::bigint, ${MINUTE_MS}) as one (minute_)
    cross join lateral (select * from minute_count where minute = minute_ and merchant_id = ${id} offset 0) as own`;
}
