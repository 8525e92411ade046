import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../database.ts';
import { createFilter } from './filter.ts';
import type { MinuteRange } from './read-minutes.ts';

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
  filter.add('minute >= ?', range.from);
  filter.add('minute < ?', range.to);
  filter.equals('status', slice.status);
  filter.equals('auth_code', slice.auth_code);
  filter.equals('acquirer', slice.acquirer);
  filter.equals('merchant_id', slice.merchant_id);
  if (slice.auth_code === undefined) filter.add(`status <> ''`);
  return sql.query<StatusCount>(
    `select minute, status, sum(count)::bigint as count from minute_count ${filter.clause()} group by minute, status order by minute`,
    filter.params,
  );
}
