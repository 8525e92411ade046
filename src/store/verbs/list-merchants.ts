import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import type { Sql } from '../database.ts';
import type { MinuteRange } from './read-minutes.ts';

// An open anomaly outweighs any share. Without one, trouble is how far (in standard deviations beyond 3) the share that
// was not approved lies above that of all merchants together.
const SELECT = `
with counted as (
  select merchant_id, sum(count)::bigint as transactions,
    coalesce(sum(count) filter (where status = 'approved'), 0)::bigint as approved,
    coalesce(sum(count) filter (where status = 'failed'), 0)::bigint as failed,
    coalesce(sum(count) filter (where status = 'denied'), 0)::bigint as denied,
    coalesce(sum(count) filter (where status in ('reversed', 'backend_reversed')), 0)::bigint as reversed
  from minute_count
  where minute >= $1 and minute < $2 and merchant_id <> '' and status <> ''
  group by merchant_id
), fleet as (
  select greatest(0.001, least(0.999, coalesce(sum(transactions - approved) / nullif(sum(transactions), 0), 0))) as share from counted
), open as (
  select merchant_id, count(*)::int as open_anomalies, sum(weight) as weight,
    (array_agg(type order by weight desc, started_at desc))[1] as worst_type,
    (array_agg(severity order by weight desc, started_at desc))[1] as worst_severity
  from (
    select merchant_id, type, severity, started_at,
      case severity when 'critical' then 10000 when 'warning' then 1000 else 100 end as weight
    from anomaly where state = 'open' and merchant_id <> ''
  ) as one
  group by merchant_id
)
select merchant_id,
  coalesce(transactions, 0) as transactions,
  (100.0 * approved / nullif(transactions, 0))::float8 as approval_rate,
  coalesce(failed, 0) as failed, coalesce(denied, 0) as denied, coalesce(reversed, 0) as reversed,
  coalesce(open_anomalies, 0) as open_anomalies, worst_type, worst_severity,
  (coalesce(weight, 0) + coalesce(greatest(0, ((transactions - approved) - transactions * share) / sqrt(transactions * share * (1 - share)) - 3), 0))::float8
    as trouble
from counted full join open using (merchant_id), fleet
order by trouble desc, transactions desc, merchant_id
limit $3`;

/** Merchants with transactions in [from, to) or an open anomaly, worst first, at most `limit`. */
export function listMerchants(sql: Sql, { from, to }: MinuteRange, limit: number): Promise<MerchantRow[]> {
  return sql.query<MerchantRow>(SELECT, [from, to, limit]);
}
