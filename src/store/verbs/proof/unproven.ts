import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../../database.ts';

/** A critical message that fires and of which nothing proves that it arrived. Times are epoch milliseconds. */
export interface UnprovenRow {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly message: Message;
  /** When it was passed on; null before. */
  readonly overdueAt: number | null;
}

const DAY_MS = 86_400_000;

/** Messages whose proof was due at `now`. `since`: when this process began to look; a stop is nobody's delay. One that was passed on
 *  is listed again only while it is sent again, with what came since. */
export async function readUnproven(
  sql: Sql,
  { now, timeoutMs, since }: { readonly now: number; readonly timeoutMs: number; readonly since: number },
): Promise<UnprovenRow[]> {
  return sql.query<UnprovenRow & Record<string, unknown>>(
    `select id, receiver, group_key as "groupKey", message, overdue_at as "overdueAt" from notification
      where received_at is null and severity = 'critical' and state in ('pending', 'delivered') and status = 'firing'
        and created_at > $4 and (proof_due_at <= $1 or greatest(created_at, $3::bigint) + $2::bigint <= $1)
        and (overdue_at is null or (state = 'pending' and kind = 'alerts'))
      order by created_at, id`,
    [now, timeoutMs, since, now - DAY_MS],
  );
}

/** Notes that a message was passed on. */
export async function markOverdue(tx: Sql, id: string, at: number): Promise<void> {
  await tx.query('update notification set overdue_at = coalesce(overdue_at, $2) where id = $1', [id, at]);
}

/** Makes the next step of an anomaly's escalation due. */
export async function hurryEscalation(tx: Sql, anomalyId: string, severity: string, at: number): Promise<void> {
  await tx.query(
    `insert into escalation (anomaly_id, severity, began_at, hurried_at) values ($1, $2, $3, $3)
     on conflict (anomaly_id, severity) do update set hurried_at = excluded.hurried_at`,
    [anomalyId, severity, at],
  );
}
