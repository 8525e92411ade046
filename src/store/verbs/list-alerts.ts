import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AnomalyType, Severity } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../database.ts';
import { createFilter, type Filter } from './filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from './page.ts';

/** Which alerts; an absent field means all. Times are epoch milliseconds of event time. */
export interface AlertFilter {
  readonly status?: 'firing' | 'resolved';
  readonly type?: AnomalyType | readonly AnomalyType[];
  readonly severity?: Severity | readonly Severity[];
  readonly fingerprint?: string;
  readonly anomalyId?: string;
  readonly authCode?: string;
  readonly acquirer?: string;
  readonly merchantId?: string;
  /** Those that were still firing at or after this time. */
  readonly from?: number;
  /** Those that had begun before this time. */
  readonly to?: number;
  readonly backfill?: boolean;
}

const TABLE: PagedTable<{ readonly body: Alert }, Alert> = {
  table: 'alert',
  columns: 'fingerprint, starts_at, body',
  time: 'starts_at',
  key: 'fingerprint',
  item: ({ body }) => body,
};

function whereAlert(wanted: AlertFilter): Filter {
  const filter = createFilter();
  filter.equals('status', wanted.status);
  filter.equals('type', wanted.type);
  filter.equals('severity', wanted.severity);
  filter.equals('fingerprint', wanted.fingerprint);
  filter.equals('anomaly_id', wanted.anomalyId);
  filter.equals('auth_code', wanted.authCode);
  filter.equals('acquirer', wanted.acquirer);
  filter.equals('merchant_id', wanted.merchantId);
  if (wanted.from !== undefined) filter.add('(ends_at is null or ends_at >= ?::bigint)', wanted.from);
  if (wanted.to !== undefined) filter.add('starts_at < ?::bigint', wanted.to);
  if (wanted.backfill !== undefined) filter.add('backfill = ?', wanted.backfill);
  return filter;
}

/** Lists alerts, those that began last first. Throws INGEST_INVALID for a cursor that is none. */
export async function listAlerts(sql: Sql, wanted: AlertFilter = {}, page: PageRequest = {}): Promise<Page<Alert>> {
  return readPage(sql, TABLE, whereAlert(wanted), page);
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
export async function readAlert(sql: Sql, fingerprint: string): Promise<Alert | null> {
  const { items } = await listAlerts(sql, { fingerprint }, { limit: 1 });
  return items[0] ?? null;
}
