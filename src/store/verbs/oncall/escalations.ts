import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../../database.ts';

/** An escalation that is not over, and the steps that it took. Times: epoch milliseconds. */
export interface EscalationRow {
  readonly anomalyId: string;
  readonly severity: Severity;
  readonly beganAt: number;
  /** From when on the next step is due, whenever it would be: nothing proves that the messages so far arrived. Null: it is not hurried. */
  readonly hurriedAt: number | null;
  readonly steps: readonly TakenStep[];
}

export interface TakenStep {
  readonly step: number;
  readonly at: number;
  /** Ids of the people whom it was for. */
  readonly people: readonly string[];
  readonly receivers: readonly string[];
}

/** Begins an escalation; one that is there, or was, begins again only when it is over. */
export async function beginEscalation(tx: Sql, anomalyId: string, severity: Severity, at: number): Promise<void> {
  await tx.query('delete from escalation where anomaly_id = $1 and severity = $2 and ended_at is not null', [anomalyId, severity]);
  await tx.query('insert into escalation (anomaly_id, severity, began_at) values ($1, $2, $3) on conflict do nothing', [
    anomalyId,
    severity,
    at,
  ]);
}

/** Lets the clocks of escalations begin at `at` (epoch milliseconds) where they began before `ifBefore`. Steps that were taken stay so. */
export async function restartEscalations(
  tx: Sql,
  alerts: readonly Pick<EscalationRow, 'anomalyId' | 'severity'>[],
  { at, ifBefore }: { readonly at: number; readonly ifBefore: number },
): Promise<void> {
  if (alerts.length === 0) return;
  await tx.query(
    `update escalation as e set began_at = $3
       from unnest($1::text[], $2::text[]) as x(anomaly_id, severity)
      where e.anomaly_id = x.anomaly_id and e.severity = x.severity and e.ended_at is null and e.began_at < $4`,
    [alerts.map(({ anomalyId }) => anomalyId), alerts.map(({ severity }) => severity), Math.round(at), Math.round(ifBefore)],
  );
}

/** Escalations that are not over, with their steps in order. */
export async function readEscalations(sql: Sql): Promise<EscalationRow[]> {
  return sql.query<EscalationRow & Record<string, unknown>>(
    `select anomaly_id as "anomalyId", severity, began_at as "beganAt", hurried_at as "hurriedAt",
            coalesce((select jsonb_agg(jsonb_build_object('step', s.step, 'at', s.at, 'people', s.people, 'receivers', s.receivers) order by s.step)
                        from escalation_step s where s.anomaly_id = e.anomaly_id and s.severity = e.severity), '[]') as steps
       from escalation e where ended_at is null order by began_at, anomaly_id`,
  );
}

/** Notes that a step was taken. */
export async function writeEscalationStep(
  tx: Sql,
  { anomalyId, severity }: Pick<EscalationRow, 'anomalyId' | 'severity'>,
  taken: TakenStep,
): Promise<void> {
  const { step, at, people, receivers } = taken;
  await tx.query(
    `insert into escalation_step (anomaly_id, severity, step, at, people, receivers) values ($1, $2, $3, $4, $5::jsonb, $6::jsonb)
     on conflict do nothing`,
    [anomalyId, severity, step, at, JSON.stringify(people), JSON.stringify(receivers)],
  );
}

/** Ends an escalation, and forgets those that ended before `forgetBefore`. */
export async function endEscalation(
  tx: Sql,
  anomalyId: string,
  severity: Severity,
  { at, forgetBefore }: { readonly at: number; readonly forgetBefore: number },
): Promise<void> {
  await tx.query('delete from escalation where ended_at < $1', [forgetBefore]);
  await tx.query('update escalation set ended_at = $3 where anomaly_id = $1 and severity = $2 and ended_at is null', [
    anomalyId,
    severity,
    at,
  ]);
}

/** When an anomaly was acknowledged, snoozed or silenced. `until` null: still. `severity` null: at any severity. */
export interface PauseRow {
  readonly anomalyId: string;
  readonly severity: Severity | null;
  readonly from: number;
  readonly until: number | null;
}

/** The pauses of anomalies. What is worse ends a response, and is hidden by no silence of what was less. */
export async function readPauses(sql: Sql, anomalyIds: readonly string[]): Promise<PauseRow[]> {
  return sql.query<PauseRow & Record<string, unknown>>(
    `select anomaly_id as "anomalyId", null::text as severity, at as "from", ended_at as until
       from alert_response where anomaly_id = any($1::text[])
     union all
     select a.anomaly_id, a.severity, h.hidden_at, s.ended_at
       from silence_hit h
       join silence s on s.id = h.silence_id
       join alert a on a.fingerprint = h.fingerprint and a.starts_at = h.alert_starts_at
      where a.anomaly_id = any($1::text[])`,
    [[...anomalyIds]],
  );
}
