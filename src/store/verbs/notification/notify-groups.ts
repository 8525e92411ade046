import type { Sql } from '../../database.ts';

/** What a receiver believes to be firing: fingerprint to the places (`field=value`) that the message named. */
export type NotifiedAlerts = Readonly<Record<string, readonly string[]>>;

/** One group as one receiver knows it. Times are epoch milliseconds, wall clock. */
export interface NotifyGroup {
  readonly receiver: string;
  readonly groupKey: string;
  /** When the last message was put into the queue; null before the first. */
  readonly queuedAt: number | null;
  /** Messages so far. */
  readonly messages: number;
  readonly told: NotifiedAlerts;
  /** Alerts of the messages since the last delivery, as `fingerprint starts_at`. */
  readonly offered: readonly string[];
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
    `insert into notify_group as g (receiver, group_key, flush_at)
     select r, k, $3::bigint + $4::bigint
       from unnest($1::text[]) as r, unnest($2::text[]) as k
     on conflict (receiver, group_key) do update set
       flush_at = least(g.flush_at, greatest(
         case when g.told = '{}'::jsonb then excluded.flush_at else $3::bigint end,
         g.queued_at + $5::bigint))`,
    [options.receivers, [...new Set(options.groupKeys)], options.now, options.groupWaitMs, options.groupIntervalMs],
  );
}

/** Fits the groups to the configured receivers: those of receivers that left are forgotten with their pending messages;
 *  every group that fires now is due for receivers that do not know it; pending messages are due after `groupWaitMs` at the
 *  latest, since a restart may have brought a new token. Alerts that ended before a receiver came are never told to it. */
export async function adoptReceivers(tx: Sql, options: Omit<ScheduleOptions, 'groupKeys' | 'groupIntervalMs'>): Promise<void> {
  const { receivers } = options;
  await tx.query(
    `update notification set state = 'dropped', next_attempt_at = null where state = 'pending' and not receiver = any($1::text[])`,
    [receivers],
  );
  await tx.query('delete from notify_group where not receiver = any($1::text[])', [receivers]);
  const due = options.now + options.groupWaitMs;
  await tx.query(`update notification set next_attempt_at = least(next_attempt_at, $1::bigint) where state = 'pending'`, [due]);
  await tx.query(
    `insert into notify_group as g (receiver, group_key, flush_at)
     select r, a.group_key, $2::bigint
       from unnest($1::text[]) as r,
            (select distinct group_key from alert where status = 'firing' and not backfill) as a
     on conflict (receiver, group_key) do update set flush_at = coalesce(g.flush_at, excluded.flush_at)`,
    [receivers, due],
  );
}

interface Row {
  readonly receiver: string;
  readonly group_key: string;
  readonly queued_at: number | null;
  readonly messages: number;
  readonly told: NotifiedAlerts;
  readonly offered: readonly string[];
}

/** Locks and returns the groups that are due and have no message on its way, the longest due first, at most `limit`.
 *  `groupKey`: only this group. */
export async function takeDueGroups(tx: Sql, now: number, limit: number, groupKey?: string): Promise<NotifyGroup[]> {
  const rows = await tx.query<Row>(
    `select receiver, group_key, queued_at, messages, told, offered
       from notify_group as g
      where flush_at <= $1 and ($3::text is null or group_key = $3)
        and not exists (select from notification as n
                         where n.receiver = g.receiver and n.group_key = g.group_key and n.state = 'pending')
      order by flush_at, receiver, group_key limit $2 for update`,
    [now, limit, groupKey ?? null],
  );
  return rows.map(toGroup);
}

/** Locks and returns one group; null when the receiver does not know it. */
export async function takeGroup(tx: Sql, receiver: string, groupKey: string): Promise<NotifyGroup | null> {
  const rows = await tx.query<Row>(
    `select receiver, group_key, queued_at, messages, told, offered
       from notify_group where receiver = $1 and group_key = $2 for update`,
    [receiver, groupKey],
  );
  return rows[0] === undefined ? null : toGroup(rows[0]);
}

function toGroup({ receiver, group_key: groupKey, queued_at: queuedAt, messages, told, offered }: Row): NotifyGroup {
  return { receiver, groupKey, queuedAt, messages, told, offered };
}

/** Stores what was decided about a group; `flushAt` null: nothing to do until its alerts change. */
export async function saveGroup(tx: Sql, group: NotifyGroup, flushAt: number | null): Promise<void> {
  await tx.query(
    `update notify_group set flush_at = $3, queued_at = $4, messages = $5, told = $6::jsonb, offered = $7::jsonb
      where receiver = $1 and group_key = $2`,
    [group.receiver, group.groupKey, flushAt, group.queuedAt, group.messages, JSON.stringify(group.told), JSON.stringify(group.offered)],
  );
}
