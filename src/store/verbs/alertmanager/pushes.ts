import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Sql } from '../../database.ts';

/** An alert that an Alertmanager is to be sent. Times are epoch milliseconds, wall clock. */
export interface DuePush {
  readonly alert: Alert;
  readonly groupKey: string;
  /** When its end was noticed; null while it fires. */
  readonly endedAt: number | null;
}

export interface PushTimes {
  readonly now: number;
  /** An alert that was taken is sent again after this. */
  readonly refreshMs: number;
  /** A resolved one that was taken is sent again for so long: an Alertmanager that restarts remembers no alert. */
  readonly resolvedMs: number;
}

/** Fits the rows of an instance to the alerts as they are: what fires is offered, what ended has an end, what is done is forgotten.
 *  Backfill is left out. `groupKey`: only alerts of this group begin. */
export async function noteOffers(tx: Sql, instance: string, times: PushTimes, groupKey?: string): Promise<void> {
  const { now, resolvedMs } = times;
  // Another firing of the same labels takes the place of the one before, whose end would hide it.
  await tx.query(
    `insert into alertmanager_push as p (instance, fingerprint, starts_at, offered_at)
     select $1, fingerprint, max(starts_at), $2 from alert
      where status = 'firing' and not backfill and ($3::text is null or group_key = $3) group by fingerprint
     on conflict (instance, fingerprint) do update
       set starts_at = excluded.starts_at, offered_at = excluded.offered_at, ended_at = null, taken = null, taken_at = null
     where p.starts_at <> excluded.starts_at`,
    [instance, now, groupKey ?? null],
  );
  await tx.query(
    `update alertmanager_push as p set ended_at = $2 where instance = $1 and ended_at is null and not exists
       (select from alert as a where a.fingerprint = p.fingerprint and a.starts_at = p.starts_at and a.status = 'firing')`,
    [instance, now],
  );
  await tx.query(
    `delete from alertmanager_push as p where instance = $1 and ended_at is not null
       and ((taken = 'resolved' and ended_at < $2) or not exists
         (select from alert as a where a.fingerprint = p.fingerprint and a.starts_at = p.starts_at))`,
    [instance, now - resolvedMs],
  );
}

/** What an instance is to be sent now: what it has not taken, and what is to be refreshed, the oldest first. */
export async function readDuePushes(sql: Sql, instance: string, { now, refreshMs }: PushTimes): Promise<DuePush[]> {
  return sql.query(
    `select a.body as alert, a.group_key as "groupKey", p.ended_at as "endedAt"
       from alertmanager_push as p join alert as a on a.fingerprint = p.fingerprint and a.starts_at = p.starts_at
      where p.instance = $1 and (p.taken is distinct from (case when p.ended_at is null then 'firing' else 'resolved' end)
                                 or p.taken_at <= $2 or p.taken_at > $3)
      order by p.offered_at, p.fingerprint`,
    [instance, now - refreshMs, now],
  );
}

/** Notes that an instance has taken alerts as they were sent. */
export async function noteTaken(tx: Sql, instance: string, pushes: readonly DuePush[], now: number): Promise<void> {
  await tx.query(
    `update alertmanager_push as p set taken = x.status, taken_at = $3
       from jsonb_to_recordset($2::jsonb) as x(fingerprint text, starts_at bigint, status text)
      where p.instance = $1 and p.fingerprint = x.fingerprint and p.starts_at = x.starts_at
        and x.status = (case when p.ended_at is null then 'firing' else 'resolved' end)`,
    [
      instance,
      JSON.stringify(
        pushes.map(({ alert, endedAt }) => ({
          fingerprint: alert.fingerprint,
          starts_at: Date.parse(alert.starts_at),
          status: endedAt === null ? 'firing' : 'resolved',
        })),
      ),
      now,
    ],
  );
}

/** Alerts that wait, and since when the oldest has waited. */
export interface Waiting {
  readonly alerts: number;
  readonly since: number;
}

/** Alerts that no instance has taken as they are now, or has had refreshed since `refreshedAfter`; null: there are none. `instance`:
 *  only what this one has not taken. */
export async function readWaiting(sql: Sql, refreshedAfter: number, instance?: string): Promise<Waiting | null> {
  const [row] = await sql.query<{ alerts: number; since: number | null }>(
    `select count(*)::int as alerts, min(since) as since from
       (select coalesce(min(ended_at), max(greatest(offered_at, taken_at))) as since from alertmanager_push
         where $2::text is null or instance = $2 group by fingerprint, starts_at
        having not bool_or(case when ended_at is null then taken = 'firing' and taken_at >= $1 else taken = 'resolved' end is true)) as waiting`,
    [refreshedAfter, instance ?? null],
  );
  return row === undefined || row.since === null ? null : { alerts: row.alerts, since: row.since };
}

/** Forgets instances that are configured no more. */
export async function keepInstances(tx: Sql, instances: readonly string[]): Promise<void> {
  await tx.query('delete from alertmanager_push where not instance = any($1::text[])', [instances]);
}
