import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';
import { listAnomalies } from './list-anomalies.ts';

/** How far back similar anomalies are looked for, and how many are looked at. */
const SIMILAR_MS = 90 * 86_400_000;
const SIMILAR_MOST = 50;

/** Earlier anomalies of this type in the same part of the traffic, of the last 90 days, the newest first. */
export async function listSimilar(sql: Sql, anomaly: Anomaly): Promise<readonly Anomaly[]> {
  const begun = Date.parse(anomaly.started_at);
  const { kind, merchant_id, acquirer, auth_code } = anomaly.node;
  const place = {
    ...(merchant_id === undefined ? {} : { merchantId: merchant_id }),
    ...(acquirer === undefined ? {} : { acquirer }),
    ...(auth_code === undefined ? {} : { authCode: auth_code }),
  };
  const { items } = await listAnomalies(
    sql,
    { type: anomaly.type, from: begun - SIMILAR_MS, to: begun, ...place },
    { limit: SIMILAR_MOST },
  );
  return items.filter(({ id, node }) => id !== anomaly.id && node.kind === kind);
}
