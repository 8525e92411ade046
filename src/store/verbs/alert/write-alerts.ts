import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../../database.ts';

/** An alert as stored: beside it the group that it is sent with, and the version of its last event. */
export interface StoredAlert {
  readonly alert: Alert;
  /** The same alert in other languages, by locale. */
  readonly translations: Readonly<Record<string, Alert>>;
  readonly groupKey: string;
  /** Grows with every event of the alert. */
  readonly version: number;
}

interface Row {
  readonly body: Alert;
  readonly translations: Readonly<Record<string, Alert>>;
  readonly group_key: string;
  readonly version: number;
}

const toStored = (row: Row): StoredAlert => ({
  alert: row.body,
  translations: row.translations,
  groupKey: row.group_key,
  version: row.version,
});

/** Stores alerts, one row a fingerprint and start. A version at or below that of the row changes nothing. `now`: wall clock, epoch
 *  milliseconds, kept of the first write. */
export async function writeAlerts(tx: Sql, alerts: readonly StoredAlert[], now?: number): Promise<void> {
  if (alerts.length === 0) return;
  const last = new Map(alerts.map((stored) => [`${stored.alert.fingerprint} ${stored.alert.starts_at}`, stored]));
  await tx.query(
    `insert into alert (fingerprint, starts_at, status, name, type, severity, tx_status, auth_code, acquirer, merchant_id,
                        ends_at, updated_at, anomaly_id, backfill, group_key, version, body, translations, noted_at)
     select fingerprint, starts_at, status, name, type, severity, tx_status, auth_code, acquirer, merchant_id,
            ends_at, updated_at, anomaly_id, backfill, group_key, version, body, translations, $2::bigint
       from jsonb_to_recordset($1::jsonb) as x(
         fingerprint text, starts_at bigint, status text, name text, type text, severity text, tx_status text,
         auth_code text, acquirer text, merchant_id text, ends_at bigint, updated_at bigint, anomaly_id text,
         backfill boolean, group_key text, version bigint, body jsonb, translations jsonb)
     on conflict (fingerprint, starts_at) do update set
       status = excluded.status, name = excluded.name, type = excluded.type, severity = excluded.severity,
       tx_status = excluded.tx_status, auth_code = excluded.auth_code, acquirer = excluded.acquirer,
       merchant_id = excluded.merchant_id, ends_at = excluded.ends_at, updated_at = excluded.updated_at,
       anomaly_id = excluded.anomaly_id, backfill = excluded.backfill, group_key = excluded.group_key,
       version = excluded.version, body = excluded.body,
       translations = excluded.translations
     where alert.version < excluded.version`,
    [JSON.stringify([...last.values()].map(toRow)), now === undefined ? null : Math.round(now)],
  );
}

function toRow({ alert, translations, groupKey, version }: StoredAlert): Record<string, unknown> {
  return {
    ...alert,
    starts_at: Date.parse(alert.starts_at),
    ends_at: alert.ends_at === null ? null : Date.parse(alert.ends_at),
    updated_at: Date.parse(alert.updated_at),
    tx_status: alert.slice.status ?? '',
    auth_code: alert.slice.auth_code ?? '',
    acquirer: alert.slice.acquirer ?? '',
    merchant_id: alert.slice.merchant_id ?? '',
    group_key: groupKey,
    version,
    body: alert,
    translations,
  };
}

/** The newest alert of each of these anomalies, by anomaly id. */
export async function readAlertsOf(sql: Sql, anomalyIds: readonly string[]): Promise<Map<string, StoredAlert>> {
  const rows = await sql.query<Row>(
    `select distinct on (anomaly_id) body, translations, group_key, version from alert where anomaly_id = any($1::text[])
      order by anomaly_id, version desc, status = 'firing' desc, starts_at desc`,
    [anomalyIds],
  );
  return new Map(rows.map((row) => [row.body.anomaly_id, toStored(row)]));
}

/** What others need to know of an alert that fires. */
export interface FiringAlert {
  readonly groupKey: string;
  readonly type: AnomalyType;
  readonly fingerprint: string;
  readonly anomalyId: string;
}

/** Every alert that is firing. */
export async function readFiring(sql: Sql): Promise<FiringAlert[]> {
  return sql.query(`select group_key as "groupKey", type, fingerprint, anomaly_id as "anomalyId" from alert where status = 'firing'`);
}

/** The alerts of a group in a language, and by fingerprint what holds back those that fire. */
export interface GroupAlerts {
  readonly alerts: readonly Alert[];
  readonly states: ReadonlyMap<string, AlertState>;
}

/** What one group has to notify: the newest alert of every fingerprint that is firing, or that is in `told`. Backfill
 *  is left out. Sorted by start, then fingerprint. */
export async function readGroupAlerts(
  sql: Sql,
  groupKey: string,
  { told, locale }: { readonly told: readonly string[]; readonly locale: Locale },
): Promise<GroupAlerts> {
  const rows = await sql.query<{ body: Alert; state: Partial<AlertState> }>(
    `select distinct on (fingerprint) coalesce(translations -> $3, body) as body, state from alert
      where not backfill and group_key = $1 and (status = 'firing' or fingerprint = any($2::text[]))
      order by fingerprint, starts_at desc`,
    [groupKey, told, locale],
  );
  const alerts = rows.map((row) => row.body);
  return {
    alerts: alerts.sort((a, b) => compare(a.starts_at, b.starts_at) || compare(a.fingerprint, b.fingerprint)),
    states: new Map(rows.map(({ body, state }) => [body.fingerprint, { ...NO_STATE, ...state }])),
  };
}

/** Alerts of `offered` (each `fingerprint starts_at`) that have ended, in a language. Sorted by start, then fingerprint. */
export async function readEndedAlerts(sql: Sql, offered: readonly string[], locale: Locale): Promise<Alert[]> {
  const rows = await sql.query<{ body: Alert }>(
    `select coalesce(translations -> $2, body) as body from alert
      where status = 'resolved' and (fingerprint || ' ' || (body ->> 'starts_at')) = any($1::text[])
        and fingerprint = any(select split_part(o, ' ', 1) from unnest($1::text[]) as o)
      order by starts_at, fingerprint`,
    [offered, locale],
  );
  return rows.map((row) => row.body);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
