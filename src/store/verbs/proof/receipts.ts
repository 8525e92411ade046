import type { Sql } from '../../database.ts';

/** One firing or end of an alert that a message spoke of. `starts_at`: RFC 3339. */
export interface ReceiptAlert {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly starts_at: string;
}

/** What a receiver reports of a message. Times are epoch milliseconds. */
export interface Receipt {
  readonly notificationId: string | null;
  readonly alerts: readonly ReceiptAlert[];
  readonly channel: string;
  readonly to: string;
  readonly providerMessageId: string;
  readonly state: 'delivered' | 'read' | 'failed';
  readonly at: number;
  readonly error: string | null;
}

/** Notes a receipt; false when it is known already. */
export async function writeReceipt(tx: Sql, receipt: Receipt, now: number): Promise<boolean> {
  const rows = await tx.query(
    `insert into receipt (channel, recipient, provider_message_id, state, notification_id, alerts, at, error, noted_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9) on conflict do nothing returning 1`,
    [
      receipt.channel,
      receipt.to,
      receipt.providerMessageId,
      receipt.state,
      receipt.notificationId,
      JSON.stringify(receipt.alerts),
      receipt.at,
      receipt.error,
      now,
    ],
  );
  return rows.length > 0;
}

const WEBHOOK_ROWS = `n.state in ('pending', 'delivered', 'dropped') and n.attempts > 0`;

/** Ids of the messages that a receipt is of: the one that it names, else those of the last day to receivers in `receivers` that speak
 *  of one of its alerts in the same status. */
export async function findReceived(tx: Sql, receipt: Receipt, receivers: readonly string[], since: number): Promise<string[]> {
  if (receipt.notificationId !== null) {
    const named = await tx.query<{ id: string }>('select id from notification where id = $1', [receipt.notificationId]);
    if (named.length > 0) return named.map(({ id }) => id);
  }
  const rows = await tx.query<{ id: string }>(
    `select distinct n.id from notification as n, jsonb_to_recordset($1::jsonb) as x(fingerprint text, status text, starts_at text)
      where n.receiver = any($2::text[]) and n.created_at >= $3 and ${WEBHOOK_ROWS}
        and exists (select from jsonb_array_elements(n.message -> x.status) as a
                     where a ->> 'fingerprint' = x.fingerprint and (a ->> 'starts_at')::timestamptz = x.starts_at::timestamptz)`,
    [JSON.stringify(receipt.alerts), [...receivers], since],
  );
  return rows.map(({ id }) => id);
}

/** Fingerprints of alerts that are not stored. */
export async function unknownAlerts(sql: Sql, alerts: readonly ReceiptAlert[]): Promise<string[]> {
  const rows = await sql.query<{ fingerprint: string }>(
    `select distinct x.fingerprint from jsonb_to_recordset($1::jsonb) as x(fingerprint text)
      where not exists (select from alert as a where a.fingerprint = x.fingerprint) order by 1`,
    [JSON.stringify(alerts)],
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

/** Notes on messages what a receipt says of them. The first proof stays. */
export async function applyReceipt(tx: Sql, ids: readonly string[], receipt: Receipt): Promise<void> {
  const { channel, to, providerMessageId, state, at, error } = receipt;
  if (state === 'failed') {
    await tx.query(
      `update notification set last_error = $2, proof_due_at = least(proof_due_at, $3::bigint) where id = any($1::text[]) and received_at is null`,
      [[...ids], error ?? 'failed', at],
    );
    return;
  }
  await tx.query(
    `update notification set received_at = coalesce(received_at, $2::bigint), read_at = case when $3::boolean then coalesce(read_at, $2::bigint) else read_at end,
            channel = $4, recipient = $5, provider_message_id = coalesce(provider_message_id, $6)
      where id = any($1::text[])`,
    [[...ids], at, state === 'read', channel, to, providerMessageId],
  );
}
