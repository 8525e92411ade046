import type { Money } from '@transaction-guardian/contracts/anomaly.ts';
import type { Incident, IncidentAlert } from '@transaction-guardian/contracts/incident.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { readIncidentAlerts, type WatchedAlert } from '../store/verbs/incident/incident-alert.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';
import type { Sql } from '../store/database.ts';
import { incidentId } from './incident-id.ts';
import { titleIn } from './incident-title.ts';
import { timesOf } from './times.ts';

/** Incidents as readers get them, with their alerts in the reader's language. */
export async function viewIncidents(sql: Sql, rows: readonly IncidentRow[], locale: Locale): Promise<Incident[]> {
  if (rows.length === 0) return [];
  const alerts = Map.groupBy(
    await readIncidentAlerts(
      sql,
      rows.map(({ number }) => number),
    ),
    ({ incident }) => incident,
  );
  return rows.map((row) => viewOf(row, alerts.get(row.number) ?? [], locale));
}

function viewOf(row: IncidentRow, alerts: readonly WatchedAlert[], locale: Locale): Incident {
  return {
    id: incidentId(row.number),
    number: row.number,
    title: titleIn(row.title, alerts, locale),
    priority: row.priority,
    proposed_priority: row.proposed,
    state: row.state,
    owner: row.owner,
    opened_by: row.opened_by,
    opened_at: iso(row.opened_at),
    first_bad_minute: isoOrNull(row.first_bad_minute),
    detected_at: isoOrNull(row.detected_at),
    delivered_at: isoOrNull(row.delivered_at),
    acknowledged_at: isoOrNull(row.acknowledged_at),
    resolved_at: isoOrNull(row.resolved_at),
    updated_at: iso(row.updated_at),
    firing: alerts.filter(({ alert }) => alert.status === 'firing').length,
    alerts: alerts.map((watched) => alertView(watched, locale)),
    ...lossOf(alerts),
    times: timesOf(row),
  };
}

/** An alert in the reader's language. */
export function wordedAlert({ alert, translations }: Pick<WatchedAlert, 'alert' | 'translations'>, locale: Locale): WatchedAlert['alert'] {
  return translations[locale] ?? alert;
}

function alertView(watched: WatchedAlert, locale: Locale): IncidentAlert {
  const { fingerprint, starts_at, name, type, severity, summary, status, anomaly_id } = wordedAlert(watched, locale);
  return { fingerprint, starts_at, name, type, severity, summary, status, anomaly_id };
}

/** Loss of the anomalies behind the alerts, each counted once. */
function lossOf(alerts: readonly WatchedAlert[]): { readonly lost_transactions: number; readonly lost_by_currency: Money[] } {
  const anomalies = new Map(alerts.flatMap(({ anomaly }) => (anomaly === null ? [] : [[anomaly.id, anomaly] as const])));
  const money = new Map<string, number>();
  let lost = 0;
  for (const anomaly of anomalies.values()) {
    lost += anomaly.lost_transactions;
    for (const { currency, amount } of anomaly.lost_by_currency ?? []) money.set(currency, (money.get(currency) ?? 0) + amount);
  }
  return { lost_transactions: lost, lost_by_currency: [...money].map(([currency, amount]) => ({ currency, amount })) };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
