import type { Sql } from '../../database.ts';

/** What a receiver believes to be firing: fingerprint to the places (`field=value`) that the message named. */
export type NotifiedAlerts = Readonly<Record<string, readonly string[]>>;

/** How the sends went that spoke of one firing of an alert, since the last delivery. `sending`: one has begun and its outcome is not
 *  noted; `unanswered`: one has ended, with the process or without an answer. In both the receiver may have it. `failed`: each was
 *  answered by a failure. */
export type OfferState = 'sending' | 'unanswered' | 'failed';

/** One group as one receiver knows it: of each firing of an alert, whether the receiver has it (`told`, `withheld`), may have it
 *  (`offered`, not `failed`) or has it not. Times are epoch milliseconds, wall clock. */
export interface NotifyGroup {
  readonly receiver: string;
  readonly groupKey: string;
  /** When the last message was put into the queue; null before the first. */
  readonly queuedAt: number | null;
  /** Messages so far. */
  readonly messages: number;
  readonly told: NotifiedAlerts;
  /** Alerts of the messages since the last delivery, by `fingerprint starts_at`. */
  readonly offered: Readonly<Record<string, OfferState>>;
  /** Fingerprints of alerts that the receiver was notified of and that are held back since: their end and their return are news. */
  readonly withheld: readonly string[];
}

export interface ScheduleOptions {
  /** Groups that changed, each with a receiver that may be notified of it. */
  readonly groups: readonly Pick<NotifyGroup, 'receiver' | 'groupKey'>[];
  readonly now: number;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

/** Makes groups due after a change of their alerts: a group whose receiver knows of nothing that fires waits `groupWaitMs`
 *  for company, one that it knows is due at once; never sooner than `groupIntervalMs` after the last message. A group
 *  that is due earlier stays so. */
export async function scheduleGroups(tx: Sql, options: ScheduleOptions): Promise<void> {
  if (options.groups.length === 0) return;
  await tx.query(
    `insert into notify_group as g (receiver, group_key, flush_at)
     select distinct r, k, $3::bigint + $4::bigint
       from unnest($1::text[], $2::text[]) as x(r, k)
     on conflict (receiver, group_key) do update set
       flush_at = least(g.flush_at, greatest(
         case when g.told = '{}'::jsonb then excluded.flush_at else $3::bigint end,
         g.queued_at + $5::bigint))`,
    [
      options.groups.map(({ receiver }) => receiver),
      options.groups.map(({ groupKey }) => groupKey),
      options.now,
      options.groupWaitMs,
      options.groupIntervalMs,
    ],
  );
}

/** Makes groups due for each receiver that has, or may have, an alert of theirs, whatever the routes say now: who was notified of a
 *  firing hears of its end. Never sooner than `groupIntervalMs` after the last message. */
export async function scheduleKnowing(
  tx: Sql,
  { groupKeys, now, groupIntervalMs }: { readonly groupKeys: readonly string[] } & Pick<ScheduleOptions, 'now' | 'groupIntervalMs'>,
): Promise<void> {
  if (groupKeys.length === 0) return;
  await tx.query(
    `update notify_group as g set flush_at = least(g.flush_at, greatest($2::bigint, g.queued_at + $3::bigint))
      where group_key = any($1::text[]) and (told <> '{}' or withheld <> '[]' or offered <> '{}')`,
    [groupKeys, now, groupIntervalMs],
  );
}

/** Fits the groups to the configured receivers: those of receivers that left are forgotten with their pending messages;
 *  every group that fires now is due for receivers that do not know it; pending messages are due after `groupWaitMs` at the
 *  latest, since a restart may have brought a new token. A receiver is never notified of alerts that ended before it was configured. */
export async function adoptReceivers(
  tx: Sql,
  options: { readonly receivers: readonly string[]; readonly now: number; readonly groupWaitMs: number },
): Promise<void> {
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
  readonly offered: Readonly<Record<string, OfferState>>;
  readonly withheld: readonly string[];
}

/** Locks and returns the groups that are due and have no message on its way, the longest due first, at most `limit`.
 *  `groupKey`: only this group. */
export async function takeDueGroups(tx: Sql, now: number, limit: number, groupKey?: string): Promise<NotifyGroup[]> {
  const rows = await tx.query<Row>(
    `select receiver, group_key, queued_at, messages, told, offered, withheld
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
    `select receiver, group_key, queued_at, messages, told, offered, withheld
       from notify_group where receiver = $1 and group_key = $2 for update`,
    [receiver, groupKey],
  );
  return rows[0] === undefined ? null : toGroup(rows[0]);
}

function toGroup({ group_key: groupKey, queued_at: queuedAt, ...rest }: Row): NotifyGroup {
  return { ...rest, groupKey, queuedAt };
}

/** Stores what was decided about a group; `flushAt` null: nothing to do until its alerts change. */
export async function saveGroup(tx: Sql, group: NotifyGroup, flushAt: number | null): Promise<void> {
  await tx.query(
    `update notify_group set flush_at = $3, queued_at = $4, messages = $5, told = $6::jsonb, offered = $7::jsonb, withheld = $8::jsonb
      where receiver = $1 and group_key = $2`,
    [
      group.receiver,
      group.groupKey,
      flushAt,
      group.queuedAt,
      group.messages,
      JSON.stringify(group.told),
      JSON.stringify(group.offered),
      JSON.stringify(group.withheld),
    ],
  );
}

/** Alerts that fire and are held back no more. */
export interface ReleasedAlerts {
  readonly fingerprints: readonly string[];
  readonly groupKeys: readonly string[];
  /** When their groups are due, epoch milliseconds; later where a message of the group has just gone out. */
  readonly dueAt: number;
  readonly groupIntervalMs: number;
}

/** Makes alerts news again for every receiver that was notified of them, also where a message is on its way. */
export async function releaseAlerts(tx: Sql, { fingerprints, groupKeys, dueAt, groupIntervalMs }: ReleasedAlerts): Promise<void> {
  if (fingerprints.length === 0) return;
  const known = (record: string, list: string): string =>
    `(select coalesce(jsonb_agg(f order by f), '[]') from (
        select jsonb_array_elements_text(${list}) union select k from jsonb_object_keys(${record}) as k where k = any($1::text[])) as x(f))`;
  await tx.query(
    `update notify_group as g set withheld = ${known('g.told', 'g.withheld')}, told = g.told - $1::text[],
            flush_at = least(g.flush_at, greatest($3::bigint, g.queued_at + $4::bigint))
      where group_key = any($2::text[])`,
    [fingerprints, groupKeys, dueAt, groupIntervalMs],
  );
  await tx.query(
    `update notification as n set withholds = ${known('n.tells', 'n.withholds')}, tells = n.tells - $1::text[]
      where state = 'pending' and kind = 'alerts' and group_key = any($2::text[])`,
    [fingerprints, groupKeys],
  );
}
