import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';

/** An alert that was seen firing, with what is known of it now. */
export interface WatchedAlert {
  readonly fingerprint: string;
  /** Event time, epoch milliseconds. */
  readonly starts_at: number;
  readonly group_key: string;
  readonly anomaly_id: string;
  /** Wall clock when it was reported first. */
  readonly seen_at: number;
  readonly incident: number | null;
  /** Something keeps it from notifying: an acknowledgement, a snooze, a silence, another alert. */
  readonly is_held: boolean;
  /** As the timeline has it. */
  readonly known_status: 'firing' | 'resolved';
  readonly alert: Alert;
  readonly translations: Readonly<Record<string, Alert>>;
  /** null once it is past its retention. */
  readonly anomaly: Anomaly | null;
}

/** A state that says of each hold that there is none is written where there was one. */
const HELD = `a.state ->> 'acknowledged_by' is not null or a.state ->> 'snoozed_until' is not null
    or coalesce(a.state -> 'silenced_by', '[]') <> '[]' or coalesce(a.state -> 'inhibited_by', '[]') <> '[]'`;

const WATCHED = `select w.fingerprint, w.starts_at, w.group_key, w.anomaly_id, w.seen_at, w.incident, w.status as known_status, (${HELD}) as is_held,
    a.body as alert, a.translations, n.body as anomaly
  from incident_alert w join alert a using (fingerprint, starts_at) left join anomaly n on n.id = w.anomaly_id`;

/** Begins to watch every alert that fires and is not watched yet, from when it was reported: its first message may have been taken before
 *  anybody looked. Backfill is nobody's incident. */
export async function watchFiring(tx: Sql, now: number): Promise<void> {
  await tx.query(
    `insert into incident_alert (fingerprint, starts_at, group_key, anomaly_id, seen_at, status)
     select fingerprint, starts_at, group_key, anomaly_id, least($1, noted_at), 'firing' from alert where status = 'firing' and not backfill
     on conflict do nothing`,
    [now],
  );
}

/** Watched alerts without an incident that still fire, the oldest first. */
export async function readUnassigned(tx: Sql): Promise<WatchedAlert[]> {
  return tx.query<WatchedAlert>(`${WATCHED} where w.incident is null and a.status = 'firing' order by w.seen_at, w.fingerprint`);
}

/** Alerts of these incidents, the oldest first. */
export async function readIncidentAlerts(sql: Sql, incidents: readonly number[]): Promise<WatchedAlert[]> {
  return sql.query<WatchedAlert>(`${WATCHED} where w.incident = any($1::bigint[]) order by w.starts_at, w.fingerprint`, [[...incidents]]);
}

/** Alerts by fingerprint, the newest of each; watches those that nobody watched yet. */
export async function watchNamed(tx: Sql, fingerprints: readonly string[], now: number): Promise<WatchedAlert[]> {
  await tx.query(
    `insert into incident_alert (fingerprint, starts_at, group_key, anomaly_id, seen_at, status)
     select distinct on (fingerprint) fingerprint, starts_at, group_key, anomaly_id, least($2, noted_at), status from alert
      where fingerprint = any($1::text[]) order by fingerprint, starts_at desc
     on conflict do nothing`,
    [[...fingerprints], now],
  );
  return tx.query<WatchedAlert>(
    `select distinct on (fingerprint) * from (${WATCHED} where w.fingerprint = any($1::text[])) x order by fingerprint, starts_at desc`,
    [[...fingerprints]],
  );
}

/** Gives an alert to an incident. */
export async function assignAlert(tx: Sql, alert: Pick<WatchedAlert, 'fingerprint' | 'starts_at'>, incident: number): Promise<void> {
  await tx.query('update incident_alert set incident = $3 where fingerprint = $1 and starts_at = $2', [
    alert.fingerprint,
    alert.starts_at,
    incident,
  ]);
}

/** Notes the status that the timeline has of an alert. */
export async function noteStatus(tx: Sql, alert: WatchedAlert): Promise<void> {
  await tx.query('update incident_alert set status = $3 where fingerprint = $1 and starts_at = $2', [
    alert.fingerprint,
    alert.starts_at,
    alert.alert.status,
  ]);
}

/** Forgets alerts that ended, or are gone, without an incident. */
export async function forgetUnassigned(tx: Sql): Promise<void> {
  await tx.query(
    `delete from incident_alert w where incident is null
       and not exists (select 1 from alert a where a.fingerprint = w.fingerprint and a.starts_at = w.starts_at and a.status = 'firing')`,
  );
}

/** A message that a receiver took. */
export interface IncidentDelivery {
  readonly id: string;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly delivered_at: number;
}

/** Messages about these groups that a receiver took at or after `since` and that the timeline of `incident` does not have, the earliest
 *  first, at most 1 000. */
export async function readNewDeliveries(
  sql: Sql,
  { incident, groupKeys, since }: { readonly incident: number; readonly groupKeys: readonly string[]; readonly since: number },
): Promise<IncidentDelivery[]> {
  return sql.query<IncidentDelivery>(
    `select id, receiver, status, delivered_at from notification n
      where state = 'delivered' and group_key = any($1::text[]) and delivered_at >= $2
        and not exists (select 1 from incident_entry e where e.incident = $3 and e.source = 'message ' || n.id)
      order by delivered_at, id limit 1000`,
    [[...groupKeys], since, incident],
  );
}
