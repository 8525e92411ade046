import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../../database.ts';
import type { NotifiedAlerts } from './notify-groups.ts';

/** A message to put into the queue. */
export interface NewNotification {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly contentHash: string;
  readonly message: Message;
  /** What the receiver believes to be firing once it has the message. */
  readonly tells: NotifiedAlerts;
  /** Fingerprints that the receiver knows and that are held back, once it has the message. */
  readonly withholds: readonly string[];
  readonly createdAt: number;
}

/** A message that waits to be sent. */
export interface PendingNotification {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  /** Sends so far. */
  readonly attempts: number;
  /** `notice`: sent as it is; `alerts`: built again at each attempt. */
  readonly kind: 'alerts' | 'notice';
}

/** How a send ended; times are epoch milliseconds. */
export type Settlement =
  | {
      readonly state: 'delivered';
      readonly at: number;
      /** Channel that took it. */
      readonly channel: string;
      /** What the channel answered; undefined where it answers with nothing but success. */
      readonly receipt?: { readonly to: string; readonly providerMessageId: string | null } | undefined;
      /** False where the receiver hands it on, and only a receipt says that it arrived. */
      readonly isProof: boolean;
    }
  | {
      readonly state: 'pending';
      readonly nextAttemptAt: number;
      readonly error: string;
      /** Whether the receiver may have the message although the send did not succeed. */
      readonly mayHaveArrived: boolean;
    };

/** Puts a message into the queue, due at once. */
export async function queueNotification(tx: Sql, message: NewNotification): Promise<void> {
  await tx.query(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, withholds, state,
                               next_attempt_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, 'pending', $10, $10)`,
    [
      message.id,
      message.receiver,
      message.groupKey,
      message.status,
      message.severity,
      message.contentHash,
      JSON.stringify(message.message),
      JSON.stringify(message.tells),
      JSON.stringify(message.withholds),
      message.createdAt,
    ],
  );
}

/** Messages of a receiver that are due, the most severe first, then the oldest, at most `limit`, without those of the groups in `except`. */
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
    `select id, receiver, group_key as "groupKey", attempts, kind from notification
      where receiver = $1 and state = 'pending' and next_attempt_at <= $2 and not group_key = any($3::text[])
        and ($5::text is null or group_key = $5)
      order by array_position(array['critical', 'warning', 'info'], severity), created_at, id limit $4`,
    [wanted.receiver, wanted.now, wanted.except, wanted.limit, wanted.groupKey ?? null],
  );
}

/** Fingerprints of what a message says to fire. */
export async function readFiringOf(sql: Sql, id: string): Promise<string[]> {
  const rows = await sql.query<{ fingerprint: string }>(
    `select f ->> 'fingerprint' as fingerprint from notification as n, jsonb_array_elements(n.message -> 'firing') as f where n.id = $1`,
    [id],
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

/** Notes a send before it happens, with the message as it is sent: when the process dies in it, the message is sent again
 *  at `retryAt`. `id`: the row; `message.id` replaces it where the content is another one. */
export async function startAttempt(tx: Sql, id: string, message: NewNotification, retryAt: number): Promise<void> {
  await tx.query(
    `update notification set id = $2, status = $3, severity = $4, content_hash = $5, message = $6::jsonb, tells = $7::jsonb,
            withholds = $9::jsonb, attempts = attempts + 1, next_attempt_at = $8
      where id = $1 and state = 'pending'`,
    [
      id,
      message.id,
      message.status,
      message.severity,
      message.contentHash,
      JSON.stringify(message.message),
      JSON.stringify(message.tells),
      retryAt,
      JSON.stringify(message.withholds),
    ],
  );
}

/** Receivers of the messages of a group, and whether one of them still waits. */
export async function readReceiversOf(sql: Sql, groupKey: string): Promise<{ readonly receiver: string; readonly waits: boolean }[]> {
  return sql.query(
    `select receiver, bool_or(state = 'pending') as waits from notification where group_key = $1 group by receiver order by receiver`,
    [groupKey],
  );
}

/** Puts a notice into the queue, due at once. One of the same receiver and group that has not arrived yet gives way: the later
 *  one says more. */
export async function queueNotice(tx: Sql, notice: Omit<NewNotification, 'tells' | 'withholds'>): Promise<void> {
  await tx.query(
    `insert into notification as n (id, receiver, group_key, status, severity, content_hash, message, tells, state, next_attempt_at,
                                    created_at, kind)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, '{}', 'pending', $8, $8, 'notice')
     on conflict (receiver, group_key) where state = 'pending' do update set id = excluded.id, status = excluded.status,
       severity = excluded.severity, content_hash = excluded.content_hash, message = excluded.message,
       next_attempt_at = excluded.next_attempt_at, attempts = 0, created_at = excluded.created_at, overdue_at = null, last_error = null`,
    [
      notice.id,
      notice.receiver,
      notice.groupKey,
      notice.status,
      notice.severity,
      notice.contentHash,
      JSON.stringify(notice.message),
      notice.createdAt,
    ],
  );
}

/** Notes a send of a notice before it happens and gives its message; null when it is settled already. */
export async function startNotice(tx: Sql, id: string, retryAt: number): Promise<Message | null> {
  const [row] = await tx.query<{ message: Message }>(
    `update notification set attempts = attempts + 1, next_attempt_at = $2 where id = $1 and state = 'pending' returning message`,
    [id, retryAt],
  );
  return row?.message ?? null;
}

/** Takes a pending message that has nothing left to say out of the queue. */
export async function dropNotification(tx: Sql, id: string): Promise<void> {
  await tx.query(`update notification set state = 'dropped', next_attempt_at = null where id = $1 and state = 'pending'`, [id]);
}

/** Takes what waits for a receiver in a group of notices out of the queue. */
export async function dropNotices(tx: Sql, receiver: string, groupKey: string): Promise<void> {
  await tx.query(
    `update notification set state = 'dropped', next_attempt_at = null
      where receiver = $1 and group_key = $2 and kind = 'notice' and state = 'pending'`,
    [receiver, groupKey],
  );
}

/** Notes how a send ended and, with it, what the receiver now knows. Changes nothing when the message is settled already. A receipt
 *  may be noted before the answer to the send: what it says of the message stays. */
export async function settleNotification(tx: Sql, id: string, settlement: Settlement): Promise<void> {
  if (settlement.state === 'pending') {
    await tx.query(
      `with waits as (
         update notification set next_attempt_at = $2, last_error = $3 where id = $1 and state = 'pending' returning receiver, group_key)
       update notify_group as g
          set offered = (select coalesce(jsonb_object_agg(key, case when value = '"sending"' then to_jsonb($4::text) else value end), '{}')
                           from jsonb_each(g.offered))
         from waits where g.receiver = waits.receiver and g.group_key = waits.group_key and g.offered <> '{}'`,
      [id, settlement.nextAttemptAt, settlement.error, settlement.mayHaveArrived ? 'unanswered' : 'failed'],
    );
    return;
  }
  await tx.query(
    `with sent as (
       update notification set state = 'delivered', next_attempt_at = null, delivered_at = $2, last_error = null,
              channel = case when received_at is null then $3 else channel end,
              recipient = coalesce(recipient, $4), provider_message_id = coalesce(provider_message_id, $5),
              received_at = case when $6::boolean then coalesce(received_at, $2::bigint) else received_at end
        where id = $1 and state = 'pending' returning receiver, group_key, tells, withholds)
     update notify_group as g set told = sent.tells, withheld = sent.withholds, offered = '{}'
       from sent where g.receiver = sent.receiver and g.group_key = sent.group_key`,
    [
      id,
      settlement.at,
      settlement.channel,
      settlement.receipt?.to ?? null,
      settlement.receipt?.providerMessageId ?? null,
      settlement.isProof,
    ],
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
