import type { Sql } from '../../database.ts';

/** One firing of an alert. `startsAt`: event time, epoch milliseconds. */
export interface Firing {
  readonly fingerprint: string;
  readonly startsAt: number;
}

/** A firing that a second channel hears of, since nothing proved that the first was notified. `at`: when it was passed on, epoch
 *  milliseconds. */
export interface PassedOn extends Firing {
  readonly receiver: string;
  readonly at: number;
  /** Whether the channel that was asked about is proven to have it: of what it passed on, the second one; of what was passed on to it,
   *  the first one. */
  readonly isProven: boolean;
}

export interface Passing extends Firing {
  readonly receiver: string;
  readonly groupKey: string;
  readonly backup: string;
  readonly at: number;
}

/** Passes a firing on; false when that was done after `staleAt` (epoch milliseconds). The second channel hears of it at once, also when
 *  it was notified of it before. */
export async function passFiringOn(tx: Sql, passing: Passing, staleAt: number): Promise<boolean> {
  const { receiver, groupKey, fingerprint, startsAt, backup, at } = passing;
  const rows = await tx.query(
    `insert into passed_on as p (receiver, group_key, fingerprint, starts_at, backup, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (receiver, fingerprint, starts_at) do update
       set group_key = excluded.group_key, backup = excluded.backup, at = excluded.at
       where p.at <= $7 or p.backup <> excluded.backup
     returning 1`,
    [receiver, groupKey, fingerprint, startsAt, backup, at, staleAt],
  );
  if (rows.length === 0) return false;
  await tx.query(
    `insert into notify_group as g (receiver, group_key, flush_at) values ($1, $2, $4)
     on conflict (receiver, group_key) do update set flush_at = least(coalesce(g.flush_at, excluded.flush_at), excluded.flush_at),
       withheld = case when g.told ? $3 and not g.withheld ? $3 then g.withheld || to_jsonb($3::text) else g.withheld end,
       told = g.told - $3`,
    [backup, groupKey, fingerprint, at],
  );
  return true;
}

/** Channels report when a message arrived by their own clocks. */
const SKEW_MS = 600_000;

const hasMessage = (receiver: string, since: string): string => `exists (
  select from notification as n
   where n.receiver = ${receiver} and n.received_at >= ${since} - ${SKEW_MS} and coalesce(n.delivered_at, n.received_at) >= ${since}
     and n.status = 'firing' and n.message -> 'firing' @> jsonb_build_array(jsonb_build_object('fingerprint', p.fingerprint,
       'starts_at', to_char(to_timestamp(p.starts_at / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))`;

/** Firings of a group that a receiver has passed on, and whether the second channel is proven to have them. */
export async function readPassedOnFrom(sql: Sql, receiver: string, groupKey: string): Promise<PassedOn[]> {
  return sql.query<PassedOn & Record<string, unknown>>(
    `select backup as receiver, fingerprint, starts_at as "startsAt", at, ${hasMessage('p.backup', 'p.at')} as "isProven"
       from passed_on as p where receiver = $1 and group_key = $2 order by at, fingerprint`,
    [receiver, groupKey],
  );
}

/** Firings of a group that others have passed on to a second channel, and whether the first is proven to have them after all.
 *  `repeatIntervalMs`: a proof from so long before counts. */
export async function readPassedOnTo(sql: Sql, backup: string, groupKey: string, repeatIntervalMs: number): Promise<PassedOn[]> {
  return sql.query<PassedOn & Record<string, unknown>>(
    `select receiver, fingerprint, starts_at as "startsAt", at, ${hasMessage('p.receiver', 'p.at - $3::bigint')} as "isProven"
       from passed_on as p where backup = $1 and group_key = $2 order by at, fingerprint`,
    [backup, groupKey, repeatIntervalMs],
  );
}

/** When a receiver had a message that fires about an alert, at or after `since`; null where nothing proves it. */
export async function readAlertProof(
  sql: Sql,
  { receiver, fingerprint, startsAt, since }: Firing & { readonly receiver: string; readonly since: number },
): Promise<number | null> {
  const [row] = await sql.query<{ at: number | null }>(
    `select max(received_at) as at from notification
      where receiver = $1 and received_at >= $4 and status = 'firing'
        and message @> jsonb_build_object('firing', jsonb_build_array(jsonb_build_object('fingerprint', $2::text, 'starts_at', $3::text)))`,
    [receiver, fingerprint, new Date(startsAt).toISOString(), since],
  );
  return row?.at ?? null;
}
