import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import type { Sql } from '../../database.ts';

/** Open anomalies of one merchant. `weight`: 10 000, 1 000 and 100 for each critical, warning and info. */
export interface MerchantWithAnomaly extends Pick<MerchantRow, 'merchant_id' | 'open_anomalies' | 'worst_type' | 'worst_severity'> {
  readonly weight: number;
}

const SELECT = `
select merchant_id, count(*)::int as open_anomalies, sum(weight)::float8 as weight,
  (array_agg(type order by weight desc, started_at desc))[1] as worst_type,
  (array_agg(severity order by weight desc, started_at desc))[1] as worst_severity
from (
  select merchant_id, type, severity, started_at,
    case severity when 'critical' then 10000 when 'warning' then 1000 else 100 end as weight
  from anomaly where state = 'open' and merchant_id <> ''
) as one
group by merchant_id`;

/** The merchants that have an open anomaly, in no order. */
export function listMerchantsWithAnomalies(sql: Sql): Promise<MerchantWithAnomaly[]> {
  return sql.query<MerchantWithAnomaly>(SELECT);
}
