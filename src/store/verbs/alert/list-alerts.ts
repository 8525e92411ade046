import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../../database.ts';
import { createFilter, filterIncidents, type Filter, type IncidentFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** Which alerts; an absent field means all. */
export interface AlertFilter extends IncidentFilter {
  readonly status?: 'firing' | 'resolved';
  readonly fingerprint?: string;
  readonly anomalyId?: string;
  /** Snoozed, silenced or inhibited, or not so. */
  readonly hidden?: boolean;
}

interface Row {
  readonly body: Alert;
  readonly translations: Readonly<Record<string, Alert>>;
  readonly state: Partial<AlertState>;
}

const tableOf = <Item>(item: (row: Row) => Item): PagedTable<Row, Item> => ({
  table: 'alert',
  columns: 'fingerprint, starts_at, body, translations, state',
  time: 'starts_at',
  key: 'fingerprint',
  item,
});

const viewIn = ({ body, translations, state }: Row, locale: Locale | undefined): AlertView => ({
  ...(locale === undefined ? body : (translations[locale] ?? body)),
  ...NO_STATE,
  ...state,
});

/** Alerts that nobody is notified of now, as `holdOf` of the alert stage works it out. */
export const HIDDEN = `coalesce(state ->> 'snoozed_until', '') <> '' or coalesce(state -> 'silenced_by', '[]') <> '[]'
  or coalesce(state -> 'inhibited_by', '[]') <> '[]'`;

function whereAlert(wanted: AlertFilter): Filter {
  const filter = createFilter();
  filter.equals('status', wanted.status);
  filter.equals('fingerprint', wanted.fingerprint);
  filter.equals('anomaly_id', wanted.anomalyId);
  if (wanted.hidden !== undefined) filter.add(`${wanted.hidden ? '' : 'not '}(${HIDDEN})`);
  filterIncidents(filter, wanted, { begin: 'starts_at', end: 'ends_at' });
  return filter;
}

/** Lists alerts, those that began last first, in a language; by default in that of operators. Throws INGEST_INVALID for an invalid
 *  cursor. */
export async function listAlerts(sql: Sql, wanted: AlertFilter = {}, page: PageRequest = {}, locale?: Locale): Promise<Page<AlertView>> {
  return readPage(
    sql,
    tableOf((row) => viewIn(row, locale)),
    whereAlert(wanted),
    page,
  );
}

/** The same with the alert in each language of operators. */
export async function listAlertsInAll(
  sql: Sql,
  wanted: AlertFilter,
  page: PageRequest,
): Promise<Page<Readonly<Record<Locale, AlertView>>>> {
  return readPage(
    sql,
    tableOf((row) => ({ 'pt-BR': viewIn(row, 'pt-BR'), en: viewIn(row, 'en') })),
    whereAlert(wanted),
    page,
  );
}

/** The worst alerts, of one severity those that began last first, at most `limit` of them. */
export async function listWorstAlerts(sql: Sql, wanted: AlertFilter, limit: number, locale?: Locale): Promise<AlertView[]> {
  const filter = whereAlert(wanted);
  const worst = `array_position(${filter.bind([...SEVERITIES])}::text[], severity)`;
  const rows = await sql.query<Row>(
    `select body, translations, state from alert ${filter.clause()} order by ${worst}, starts_at desc, fingerprint desc limit ${filter.bind(limit)}`,
    filter.params,
  );
  return rows.map((row) => viewIn(row, locale));
}

/** Fingerprints of every alert that fires. */
export async function listFiringFingerprints(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ fingerprint: string }>(`select fingerprint from alert where status = 'firing'`);
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}

/** Counts alerts by severity; severities without one are 0. */
export async function countAlerts(sql: Sql, wanted: AlertFilter = {}): Promise<Record<Severity, number>> {
  const filter = whereAlert(wanted);
  const rows = await sql.query<{ severity: Severity; n: number }>(
    `select severity, count(*)::int as n from alert ${filter.clause()} group by severity`,
    filter.params,
  );
  const counts: Record<Severity, number> = { critical: 0, warning: 0, info: 0 };
  for (const row of rows) counts[row.severity] = row.n;
  return counts;
}

/** The newest alert of a fingerprint; null when there is none. */
export async function readAlert(sql: Sql, fingerprint: string): Promise<AlertView | null> {
  const { items } = await listAlerts(sql, { fingerprint }, { limit: 1 });
  return items[0] ?? null;
}
