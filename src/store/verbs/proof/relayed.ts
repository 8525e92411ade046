import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../../database.ts';
import type { Receipt } from './receipts.ts';

/** Id of the message of another sender that a receipt is of, as its channel names it; null for none. */
export async function findRelayed(sql: Sql, receiver: string, receipt: Receipt): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    `select id from notification where receiver = $1 and channel = $2 and recipient = $3 and provider_message_id = $4 limit 1`,
    [receiver, receipt.channel, receipt.to, receipt.providerMessageId],
  );
  return row?.id ?? null;
}

/** An alert that a receipt names, with the group that it is of here. */
export interface ReceivedAlert {
  readonly alert: Alert;
  readonly groupKey: string;
  readonly status: 'firing' | 'resolved';
}

/** The alerts that a receipt names and that are stored here. */
export async function readReceivedAlerts(sql: Sql, { alerts }: Receipt): Promise<ReceivedAlert[]> {
  return sql.query<ReceivedAlert & Record<string, unknown>>(
    `select a.body as alert, a.group_key as "groupKey", x.status
       from jsonb_to_recordset($1::jsonb) as x(fingerprint text, status text, starts_at text)
       join alert as a on a.fingerprint = x.fingerprint
         and a.starts_at = (extract(epoch from x.starts_at::timestamptz) * 1000)::bigint
      order by a.starts_at, a.fingerprint`,
    [JSON.stringify(alerts)],
  );
}

/** A message that another sender built of alerts of ours, known by its receipt alone. */
export interface RelayedMessage {
  readonly id: string;
  readonly message: Message;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly receipt: Receipt;
  readonly now: number;
}

/** Notes such a message, as one that was sent; once for each id. */
export async function writeRelayed(tx: Sql, { id, message, status, severity, receipt, now }: RelayedMessage): Promise<void> {
  const { at, channel, to, providerMessageId, state } = receipt;
  await tx.query(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, attempts, created_at,
                               delivered_at, received_at, read_at, channel, recipient, provider_message_id)
     values ($1, $2, $3, $4, $5, $1, $6::jsonb, '{}', 'delivered', 1, $7, $8, $8, $9, $10, $11, $12) on conflict do nothing`,
    [
      id,
      message.receiver,
      message.groupKey,
      status,
      severity,
      JSON.stringify(message),
      ...[now, at, state === 'read' ? at : null],
      ...[channel, to, providerMessageId],
    ],
  );
}
