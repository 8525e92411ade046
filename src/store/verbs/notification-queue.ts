import type { WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../database.ts';
import type { Told } from './notify-groups.ts';

/** A message to put into the queue. */
export interface NewNotification {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly payloadHash: string;
  readonly payload: WebhookPayload;
  /** What the receiver believes to be firing once it has the message. */
  readonly tells: Told;
  readonly createdAt: number;
}

/** A message that waits to be sent. */
export interface PendingNotification {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly payload: WebhookPayload;
  /** Sends so far. */
  readonly attempts: number;
}

/** How a send ended; times are epoch milliseconds. */
export type Settlement =
  | { readonly state: 'delivered'; readonly at: number }
  | { readonly state: 'failed'; readonly at: number; readonly error: string }
  | { readonly state: 'pending'; readonly nextAttemptAt: number; readonly error: string };

/** Puts a message into the queue, due at once. */
export async function queueNotification(tx: Sql, message: NewNotification): Promise<void> {
  await tx.query(
    `insert into notification (id, receiver, group_key, status, severity, payload_hash, payload, tells, state, next_attempt_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, 'pending', $9, $9)`,
    [
      message.id,
      message.receiver,
      message.groupKey,
      message.status,
      message.severity,
      message.payloadHash,
      JSON.stringify(message.payload),
      JSON.stringify(message.tells),
      message.createdAt,
    ],
  );
}

/** Messages of a receiver that are due, oldest first, at most `limit`, without those in `except`. */
export async function readDueNotifications(
  sql: Sql,
  wanted: {
    readonly receiver: string;
    readonly now: number;
    readonly limit: number;
    readonly except: readonly string[];
    readonly groupKey?: string | undefined;
  },
): Promise<PendingNotification[]> {
  return sql.query(
    `select id, receiver, group_key as "groupKey", payload, attempts from notification
      where receiver = $1 and state = 'pending' and next_attempt_at <= $2 and not id = any($3::text[])
        and ($5::text is null or group_key = $5)
      order by created_at, id limit $4`,
    [wanted.receiver, wanted.now, wanted.except, wanted.limit, wanted.groupKey ?? null],
  );
}

/** Notes a send before it happens: when the process dies in it, the message is sent again at `retryAt`. */
export async function startAttempt(sql: Sql, id: string, retryAt: number): Promise<void> {
  await sql.query(`update notification set attempts = attempts + 1, next_attempt_at = $2 where id = $1 and state = 'pending'`, [
    id,
    retryAt,
  ]);
}

/** Notes how a send ended and, with it, what the receiver now knows. Changes nothing when the message is settled already. */
export async function settleNotification(tx: Sql, id: string, settlement: Settlement): Promise<void> {
  if (settlement.state === 'pending') {
    await tx.query(`update notification set next_attempt_at = $2, last_error = $3 where id = $1 and state = 'pending'`, [
      id,
      settlement.nextAttemptAt,
      settlement.error,
    ]);
    return;
  }
  const delivered = settlement.state === 'delivered';
  const rows = await tx.query<{ receiver: string; group_key: string }>(
    `update notification set state = $2, next_attempt_at = null, delivered_at = $3, last_error = $4
      where id = $1 and state = 'pending' returning receiver, group_key`,
    [id, settlement.state, delivered ? settlement.at : null, delivered ? null : settlement.error],
  );
  const row = rows[0];
  if (row === undefined) return;
  // A refused group is looked at at once, to be told when to offer the message again.
  const knows = delivered ? 'told = n.tells, refused = null' : 'refused = n.payload_hash, flush_at = least(g.flush_at, $4::bigint)';
  await tx.query(
    `update notify_group as g set ${knows} from notification as n
      where n.id = $1 and g.receiver = $2 and g.group_key = $3`,
    delivered ? [id, row.receiver, row.group_key] : [id, row.receiver, row.group_key, settlement.at],
  );
}

/** Earliest time at which a group or a message is due, epoch milliseconds; null when nothing waits. */
export async function readNextDue(sql: Sql): Promise<number | null> {
  const rows = await sql.query<{ at: number | null }>(
    `select least((select min(flush_at) from notify_group),
                  (select min(next_attempt_at) from notification where state = 'pending')) as at`,
  );
  return rows[0]?.at ?? null;
}
