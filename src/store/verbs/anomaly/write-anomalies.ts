import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';

/** Stores what the events say about their anomalies, one row an id, the last event of a batch wins. An event that is
 *  older than the row changes nothing, so that redelivery is harmless. */
export async function writeAnomalies(tx: Sql, events: readonly AnomalyEvent[]): Promise<void> {
  if (events.length === 0) return;
  const last = new Map(events.map((event) => [event.anomaly.id, event]));
  await tx.query(
    `insert into anomaly (id, type, state, severity, node_kind, status, auth_code, acquirer, merchant_id,
                          started_at, updated_at, resolved_at, backfill, sequence, body)
     select id, type, state, severity, node_kind, status, auth_code, acquirer, merchant_id,
            started_at, updated_at, resolved_at, backfill, sequence, body
       from jsonb_to_recordset($1::jsonb) as x(
         id text, type text, state text, severity text, node_kind text, status text, auth_code text, acquirer text,
         merchant_id text, started_at bigint, updated_at bigint, resolved_at bigint, backfill boolean,
         sequence bigint, body jsonb)
     on conflict (id) do update set
       type = excluded.type, state = excluded.state, severity = excluded.severity, node_kind = excluded.node_kind,
       status = excluded.status, auth_code = excluded.auth_code, acquirer = excluded.acquirer,
       merchant_id = excluded.merchant_id, started_at = excluded.started_at, updated_at = excluded.updated_at,
       resolved_at = excluded.resolved_at, backfill = excluded.backfill, sequence = excluded.sequence, body = excluded.body
     where anomaly.sequence <= excluded.sequence`,
    [JSON.stringify([...last.values()].map(toRow))],
  );
}

function toRow({ anomaly, sequence }: AnomalyEvent): Record<string, unknown> {
  return {
    id: anomaly.id,
    type: anomaly.type,
    state: anomaly.status,
    severity: anomaly.severity,
    node_kind: anomaly.node.kind,
    status: dimension(anomaly, 'status'),
    auth_code: dimension(anomaly, 'auth_code'),
    acquirer: dimension(anomaly, 'acquirer'),
    merchant_id: dimension(anomaly, 'merchant_id'),
    started_at: Date.parse(anomaly.started_at),
    updated_at: Date.parse(anomaly.updated_at),
    resolved_at: anomaly.resolved_at === null ? null : Date.parse(anomaly.resolved_at),
    backfill: anomaly.backfill,
    sequence,
    body: anomaly,
  };
}

/** What the node says about a dimension, else what the named slice says, else ''. */
function dimension(anomaly: Anomaly, field: 'status' | 'auth_code' | 'acquirer' | 'merchant_id'): string {
  return anomaly.node[field] ?? anomaly.slice[field] ?? '';
}
