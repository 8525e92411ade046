import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { IncidentState } from '@transaction-guardian/contracts/incident-state.ts';
import type { RunState } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Sql } from '../../database.ts';
import type { NotificationRow } from '../notification/list-notifications.ts';

/** One alert: a fingerprint and when it began, event time, epoch milliseconds. */
export interface AlertKey {
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly anomalyId: string;
}

/** When the incident stage first saw an alert, the wall clock, and the incident that it joined; null: it never did, or has forgotten it. */
export async function readSeen(
  sql: Sql,
  { fingerprint, startsAt }: AlertKey,
): Promise<{ readonly seenAt: number; readonly incident: { number: number; title: string; state: IncidentState } | null } | null> {
  const [row] = await sql.query<{ seen_at: number; number: number | null; title: string; state: IncidentState }>(
    `select w.seen_at, i.number, i.title, i.state from incident_alert w left join incident i on i.number = w.incident
      where w.fingerprint = $1 and w.starts_at = $2`,
    [fingerprint, startsAt],
  );
  if (row === undefined) return null;
  const { seen_at: seenAt, number, title, state } = row;
  return { seenAt, incident: number === null ? null : { number, title, state } };
}

/** An acknowledgement or a snooze. Times: epoch milliseconds of the wall clock. */
export interface PastResponse {
  readonly kind: 'acknowledge' | 'snooze';
  readonly anomaly_id: string;
  readonly by_name: string;
  readonly comment: string | null;
  readonly at: number;
  readonly until: number | null;
  readonly ended_at: number | null;
  readonly ended_how: string | null;
  readonly ended_by: string | null;
}

/** What people did about the alerts of anomalies, the oldest first. */
export async function listResponses(sql: Sql, anomalyIds: readonly string[]): Promise<PastResponse[]> {
  return sql.query<PastResponse & Record<string, unknown>>(
    `select kind, anomaly_id, by_name, comment, at, until, ended_at, ended_how, ended_by from alert_response
      where anomaly_id = any($1::text[]) order by at, id`,
    [[...anomalyIds]],
  );
}

/** A silence that hid an alert. */
export interface HidingRow {
  readonly hidden_at: number;
  readonly by_name: string;
  readonly reason: string;
  readonly ends_at: number;
  readonly ended_at: number | null;
  readonly ended_by_name: string | null;
}

/** The silences that hid an alert, those that began first first. */
export async function listHidings(sql: Sql, { fingerprint, startsAt }: AlertKey): Promise<HidingRow[]> {
  return sql.query<HidingRow & Record<string, unknown>>(
    `select h.hidden_at, s.by_name, s.reason, s.ends_at, s.ended_at, s.ended_by_name from silence_hit h join silence s on s.id = h.silence_id
      where h.fingerprint = $1 and h.alert_starts_at = $2 order by h.hidden_at`,
    [fingerprint, startsAt],
  );
}

/** Steps that the escalation of an anomaly took, in order. */
export async function listEscalationSteps(
  sql: Sql,
  anomalyId: string,
): Promise<{ readonly severity: Severity; readonly at: number; readonly people: string[]; readonly receivers: string[] }[]> {
  return sql.query('select severity, at, people, receivers from escalation_step where anomaly_id = $1 order by at, step', [anomalyId]);
}

export interface MessageRow extends Pick<
  NotificationRow,
  'receiver' | 'status' | 'state' | 'attempts' | 'created_at' | 'delivered_at' | 'next_attempt_at' | 'last_error'
> {
  /** When it is proven to have arrived, and to have been read. */
  readonly received_at: number | null;
  readonly read_at: number | null;
}

const MESSAGES_MOST = 200;

/** Messages that name an alert, put into the queue in [from, to), the oldest first, at most 200. */
export async function listMessagesAbout(
  sql: Sql,
  { fingerprint, startsAt }: AlertKey,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<MessageRow[]> {
  const named = JSON.stringify([{ fingerprint, starts_at: new Date(startsAt).toISOString() }]);
  return sql.query<MessageRow & Record<string, unknown>>(
    `select receiver, status, state, attempts, created_at, delivered_at, next_attempt_at, last_error, received_at, read_at from notification
      where created_at >= $2 and created_at < $3 and (message->'firing' @> $1::jsonb or message->'resolved' @> $1::jsonb)
      order by created_at, id limit ${MESSAGES_MOST}`,
    [named, from, to],
  );
}

/** What is left of the alert of each anomaly: when it was seen, the incident, and the runs that it started or that began while it was
 *  watched. */
export async function listAftermath(
  sql: Sql,
  anomalyIds: readonly string[],
): Promise<
  { readonly anomaly_id: string; readonly incident: number | null; readonly runs: { id: string; runbook: string; state: RunState }[] }[]
> {
  return sql.query(
    `select a.anomaly_id, max(w.incident) as incident,
            coalesce(jsonb_agg(distinct jsonb_build_object('id', r.id, 'runbook', r.runbook, 'state', r.state)) filter (where r.id is not null), '[]') as runs
       from alert a
       left join incident_alert w using (fingerprint, starts_at)
       left join incident i on i.number = w.incident
       left join runbook_run r on r.record->>'alert' = a.fingerprint and r.started_at between a.starts_at and coalesce(a.ends_at, a.updated_at) + 3600000
            or r.started_at between w.seen_at and coalesce(i.resolved_at, w.seen_at)
      where a.anomaly_id = any($1::text[]) group by a.anomaly_id`,
    [[...anomalyIds]],
  );
}
