import type { Severity } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../database.ts';

/** What a receiver believes to be firing: fingerprint to the severity that it was told. */
export type Told = Readonly<Record<string, Severity>>;

/** One group as one receiver knows it. Times are epoch milliseconds, our clock. */
export interface NotifyGroup {
  readonly receiver: string;
  readonly groupKey: string;
  /** When the last message was put into the queue; null before the first. */
  readonly queuedAt: number | null;
  /** Messages so far. */
  readonly messages: number;
  readonly told: Told;
  /** Content that the receiver refused for good. */
  readonly refused: string | null;
}

export interface ScheduleOptions {
  readonly receivers: readonly string[];
  readonly groupKeys: readonly string[];
  readonly now: number;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

/** Makes groups due after a change of their alerts: a group whose receiver knows of nothing that fires waits `groupWaitMs`
 *  for company, one that it knows is due at once; never sooner than `groupIntervalMs` after the last message. A group
 *  that is due earlier stays so. */
export async function scheduleGroups(tx: Sql, options: ScheduleOptions): Promise<void> {
  if (options.receivers.length === 0 || options.groupKeys.length === 0) return;
  await tx.query(
    `INSERT INTO notify_group AS g (receiver, group_key, flush_at)
     SELECT r, k, $3::bigint + $4::bigint
       FROM unnest($1::text[]) AS r, unnest($2::text[]) AS k
     ON CONFLICT (receiver, group_key) DO UPDATE SET
       flush_at = least(g.flush_at, greatest(
         CASE WHEN g.told = '{}'::jsonb THEN excluded.flush_at ELSE $3::bigint END,
         g.queued_at + $5::bigint))`,
    [options.receivers, [...new Set(options.groupKeys)], options.now, options.groupWaitMs, options.groupIntervalMs],
  );
}

/** Fits the groups to the configured receivers: those of receivers that left are forgotten with their pending messages;
 *  every group that fires now is due for receivers that do not know it; what was refused for good is offered again.
 *  Alerts that ended before a receiver came are never told to it. */
export async function adoptReceivers(tx: Sql, options: Omit<ScheduleOptions, 'groupKeys' | 'groupIntervalMs'>): Promise<void> {
  const { receivers } = options;
  await tx.query(`UPDATE notification SET state = 'dropped', next_attempt_at = NULL WHERE state = 'pending' AND NOT receiver = ANY($1::text[])`, [receivers]);
  await tx.query('DELETE FROM notify_group WHERE NOT receiver = ANY($1::text[])', [receivers]);
  const due = options.now + options.groupWaitMs;
  await tx.query(
    `UPDATE notify_group SET refused = NULL, flush_at = least(flush_at, $1::bigint) WHERE refused IS NOT NULL`,
    [due],
  );
  await tx.query(
    `INSERT INTO notify_group AS g (receiver, group_key, flush_at)
     SELECT r, a.group_key, $2::bigint
       FROM unnest($1::text[]) AS r,
            (SELECT DISTINCT group_key FROM alert WHERE status = 'firing' AND NOT backfill) AS a
     ON CONFLICT (receiver, group_key) DO UPDATE SET flush_at = coalesce(g.flush_at, excluded.flush_at)`,
    [receivers, due],
  );
}

interface Row {
  readonly receiver: string;
  readonly group_key: string;
  readonly queued_at: number | null;
  readonly messages: number;
  readonly told: Told;
  readonly refused: string | null;
}

/** Locks and returns the groups that are due and have no message on its way, the longest due first, at most `limit`. */
export async function takeDueGroups(tx: Sql, now: number, limit: number): Promise<NotifyGroup[]> {
  const rows = await tx.query<Row>(
    `SELECT receiver, group_key, queued_at, messages, told, refused
       FROM notify_group AS g
      WHERE flush_at <= $1
        AND NOT EXISTS (SELECT FROM notification AS n
                         WHERE n.receiver = g.receiver AND n.group_key = g.group_key AND n.state = 'pending')
      ORDER BY flush_at, receiver, group_key LIMIT $2 FOR UPDATE`,
    [now, limit],
  );
  return rows.map((row) => ({
    receiver: row.receiver,
    groupKey: row.group_key,
    queuedAt: row.queued_at,
    messages: row.messages,
    told: row.told,
    refused: row.refused,
  }));
}

/** Stores what was decided about a group; `flushAt` null: nothing to do until its alerts change. */
export async function saveGroup(tx: Sql, group: NotifyGroup, flushAt: number | null): Promise<void> {
  await tx.query(
    `UPDATE notify_group SET flush_at = $3, queued_at = $4, messages = $5, told = $6::jsonb, refused = $7
      WHERE receiver = $1 AND group_key = $2`,
    [
      group.receiver,
      group.groupKey,
      flushAt,
      group.queuedAt,
      group.messages,
      JSON.stringify(group.told),
      group.refused,
    ],
  );
}
