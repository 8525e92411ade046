import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { personActor } from '../auth/directory.ts';
import type { Sql } from '../store/database.ts';
import { writeAlerts } from '../store/verbs/alert/write-alerts.ts';
import { writeAnomalies } from '../store/verbs/anomaly/write-anomalies.ts';

/** Event time of minute 0 of tests. */
export const START = Date.parse('2026-11-22T03:00:00.000Z');
const iso = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

export interface FakeAlert {
  /** Minute in which it began. */
  readonly begins: number;
  readonly severity?: Severity;
  readonly merchant?: string;
  /** Minute in which it ended. */
  readonly ends?: number;
  readonly lost?: number;
  readonly type?: Anomaly['type'];
  /** Judged so late that there is no alert. */
  readonly backfill?: boolean;
}

let version = 0;

/** A fingerprint, as of a hash. */
export const fingerprint = (name: string): string => Buffer.from(name).toString('hex').padEnd(16, '0').slice(0, 16);

/** Stores an alert and its anomaly as they are now; a second call with the same name changes them. */
export async function putAlert(sql: Sql, name: string, wanted: FakeAlert): Promise<void> {
  const { begins, severity = 'critical', merchant, ends, lost = 0, type = 'denials_above_normal', backfill = false } = wanted;
  const slice = merchant === undefined ? {} : { merchant_id: merchant };
  const figures = {
    minute: iso(begins),
    observed: 40,
    expected: 2,
    expected_low: 0,
    expected_high: 6,
    z_score: 9,
    ml_score: 0.9,
    p_value: 1e-9,
  };
  const anomaly: Anomaly = {
    id: `an_${name}`,
    type,
    status: ends === undefined ? 'open' : 'resolved',
    severity,
    node: { kind: merchant === undefined ? 'fleet' : 'merchant', ...slice },
    slice: { ...slice, share: 1 },
    started_at: iso(begins),
    detected_at: iso(begins + 1),
    updated_at: iso(ends ?? begins + 1),
    resolved_at: ends === undefined ? null : iso(ends),
    duration_minutes: (ends ?? begins + 1) - begins,
    ...figures,
    peak: figures,
    lost_transactions: lost,
    lost_by_currency: lost === 0 ? [] : [{ currency: 'BRL', amount: lost * 10 }],
    reasons: [],
    detector_version: '1',
    model_version: '1',
    config_hash: '1',
    backfill,
  };
  await writeAnomalies(sql, [{ v: 1, event: 'opened', sequence: ++version, anomaly }]);
  if (backfill) return;
  const alert: Alert = {
    fingerprint: fingerprint(name),
    status: ends === undefined ? 'firing' : 'resolved',
    name: 'GuardianDenialsAboveNormal',
    type,
    severity,
    summary: `Negadas acima do normal ${name}`,
    description: '',
    action: '',
    runbook: null,
    slice,
    labels: {},
    annotations: {},
    starts_at: iso(begins),
    ends_at: ends === undefined ? null : iso(ends),
    updated_at: iso(ends ?? begins),
    anomaly_id: anomaly.id,
    backfill: false,
  };
  const groupKey = merchant === undefined ? '{}:{scope="fleet"}' : `{}:{scope="merchant", merchant_id="${merchant}"}`;
  const translations = { en: { ...alert, summary: `Denials above normal ${name}` } };
  await writeAlerts(sql, [{ alert, translations, groupKey, version: ++version }]);
}

/** A person of tests. */
export const person = (id: string, role: 'viewer' | 'operator' = 'operator'): Actor =>
  personActor({ id, name: id, roles: [role], identities: [] }, { channel: 'telegram', messageId: null });

/** Empties what incidents are made of. */
export const CLEAR = `delete from incident_entry; delete from incident_alert; delete from incident; delete from alert; delete from anomaly;
  delete from notification; delete from act; update incident_keeper set audit_number = 0;
  alter table audit disable trigger all; delete from audit; delete from audit_head; alter table audit enable trigger all`;
