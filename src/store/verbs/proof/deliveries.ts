import type { Sql } from '../../database.ts';

/** When each of these receivers is last proven to have had a message, epoch milliseconds; null for never. */
export async function readLastProofs(sql: Sql, receivers: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
  const rows = await sql.query<{ receiver: string; at: number | null }>(
    `select r as receiver, (select max(received_at) from notification where receiver = r and received_at is not null) as at
       from unnest($1::text[]) as r`,
    [[...receivers]],
  );
  return new Map(rows.map(({ receiver, at }) => [receiver, at]));
}

/** What is known of the deliveries of a receiver. Times are epoch milliseconds. */
export interface DeliveryState {
  readonly receiver: string;
  readonly lastProvenAt: number | null;
  /** `proven`: the newest message is; `unproven`: a later one is older than `timeoutMs` without proof; `failing`: the last attempt of
   *  one that waits failed; `unknown`: nothing was ever sent, or it is not due yet. */
  readonly state: 'proven' | 'unproven' | 'failing' | 'unknown';
  readonly error: string | null;
}

/** A message that nobody has proven for so long is no news any more. */
const UNPROVEN_FOR_MS = 7 * 86_400_000;

/** The state of the deliveries of each of these receivers, in their order. */
export async function readDeliveryStates(
  sql: Sql,
  receivers: readonly string[],
  { now, timeoutMs }: { readonly now: number; readonly timeoutMs: number },
): Promise<DeliveryState[]> {
  const rows = await sql.query<{ receiver: string; at: number | null; error: string | null; waits: boolean }>(
    `select r as receiver, last.at, failing.error,
            exists (select from notification as n
                     where n.receiver = r and n.received_at is null and n.state in ('pending', 'delivered')
                       and n.created_at > greatest(coalesce(last.at, 0), $2::bigint - ${UNPROVEN_FOR_MS})
                       and n.created_at <= $2::bigint - $3::bigint) as waits
       from unnest($1::text[]) with ordinality as x(r, n)
       cross join lateral (select (select max(received_at) from notification where receiver = r and received_at is not null) as at) as last
       cross join lateral (select (select last_error from notification where receiver = r and state = 'pending' and attempts > 0
                                    and last_error is not null order by created_at desc limit 1) as error) as failing
      order by x.n`,
    [[...receivers], now, timeoutMs],
  );
  return rows.map(({ receiver, at, error, waits }) => {
    const state = error !== null ? 'failing' : waits ? 'unproven' : at === null ? 'unknown' : 'proven';
    return { receiver, lastProvenAt: at, state, error };
  });
}

/** When a message of a receiver was last proven to be in a chat, epoch milliseconds. */
export interface ChannelProof {
  readonly receiver: string;
  /** `telegram`, `whatsapp`. */
  readonly channel: string;
  readonly to: string;
  readonly lastProvenAt: number;
}

/** The chats that messages of these receivers were proven to reach at or after `since`, epoch milliseconds; by receiver, channel and
 *  chat. One that hands messages on reports each chat; a message itself keeps the last of them. */
export async function readChannelProofs(sql: Sql, receivers: readonly string[], since: number): Promise<ChannelProof[]> {
  const rows = await sql.query<{ receiver: string; channel: string; recipient: string; at: number }>(
    `select receiver, channel, recipient, max(at) as at
       from (select n.receiver, r.channel, r.recipient, r.at
               from receipt as r join notification as n on n.id = r.notification_id
              where r.state <> 'failed' and r.noted_at >= $2::bigint
              union all
             select receiver, channel, recipient, received_at
               from notification where received_at >= $2::bigint and recipient is not null) as proof
      where receiver = any($1::text[]) group by 1, 2, 3 order by 1, 2, 3`,
    [[...receivers], since],
  );
  return rows.map(({ receiver, channel, recipient, at }) => ({ receiver, channel, to: recipient, lastProvenAt: at }));
}

/** When the newest message of a group was put into the queue of a receiver, epoch milliseconds; null for none. */
export async function readLastNotice(sql: Sql, receiver: string, groupKey: string): Promise<number | null> {
  const [row] = await sql.query<{ at: number | null }>(
    `select created_at as at from notification where receiver = $1 and group_key = $2 order by created_at desc limit 1`,
    [receiver, groupKey],
  );
  return row?.at ?? null;
}

/** Seconds from the moment when the newest test transaction that is proven to have become a page was accepted until its receipt, by
 *  receiver. `groupKey`: that of such pages. */
export async function readCanarySeconds(sql: Sql, groupKey: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ receiver: string; seconds: number }>(
    `select distinct on (receiver) receiver,
            greatest(0, received_at / 1000.0 - extract(epoch from (message -> 'resolved' -> 0 ->> 'starts_at')::timestamptz))::double precision as seconds
       from notification where group_key = $1 and received_at is not null order by receiver, created_at desc`,
    [groupKey],
  );
  return new Map(rows.map(({ receiver, seconds }) => [receiver, seconds]));
}

/** Seconds that half and 99 of 100 alerts took; null without alerts. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** How long it took from the end of the first bad minute until the alert was known, from there until the first receiver was proven to
 *  have it, and both together. */
export interface PageTimes {
  readonly alerts: number;
  readonly detection: Quantiles | null;
  readonly receipt: Quantiles | null;
  readonly total: Quantiles | null;
}

/** Alerts that were known later after their minute come from a replay or a backlog. */
const LIVE_MS = 900_000;

/** The times of alerts that were known at or after `since`, epoch milliseconds. */
export async function readPageTimes(sql: Sql, since: number): Promise<PageTimes> {
  const [row] = await sql.query<{ n: number; detection: number[] | null; receipt: number[] | null; total: number[] | null }>(
    `with had as (
       select f ->> 'fingerprint' as fingerprint, (extract(epoch from (f ->> 'starts_at')::timestamptz) * 1000)::bigint as starts_at,
              min(n.received_at) as received_at
         from notification as n, jsonb_array_elements(n.message -> 'firing') as f
        where n.received_at >= $1 and n.status = 'firing' group by 1, 2),
     timed as (
       select greatest(0, a.noted_at - a.starts_at - 60000) / 1000.0 as detection,
              greatest(0, had.received_at - a.noted_at) / 1000.0 as receipt,
              greatest(0, had.received_at - a.starts_at - 60000) / 1000.0 as total
         from alert as a join had using (fingerprint, starts_at)
        where a.noted_at >= $1 and not a.backfill and a.noted_at - a.starts_at < $2)
     select count(*)::int as n,
            percentile_cont(array[0.5, 0.99]::double precision[]) within group (order by detection::double precision) as detection,
            percentile_cont(array[0.5, 0.99]::double precision[]) within group (order by receipt::double precision) as receipt,
            percentile_cont(array[0.5, 0.99]::double precision[]) within group (order by total::double precision) as total
       from timed`,
    [since, LIVE_MS],
  );
  const quantiles = (both: number[] | null | undefined): Quantiles | null =>
    both?.[0] === undefined || both[1] === undefined ? null : { p50: both[0], p99: both[1] };
  return {
    alerts: row?.n ?? 0,
    detection: quantiles(row?.detection),
    receipt: quantiles(row?.receipt),
    total: quantiles(row?.total),
  };
}
