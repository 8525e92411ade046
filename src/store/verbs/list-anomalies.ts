import type { Anomaly, AnomalyType, NodeKind, Severity } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../database.ts';
import { createFilter, type Filter } from './filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from './page.ts';

/** Which anomalies; an absent field means all. Times are epoch milliseconds of event time. */
export interface AnomalyFilter {
  readonly state?: 'open' | 'resolved';
  readonly type?: AnomalyType | readonly AnomalyType[];
  readonly severity?: Severity | readonly Severity[];
  readonly nodeKind?: NodeKind | readonly NodeKind[];
  /** Status of the transactions. */
  readonly status?: string;
  readonly authCode?: string;
  readonly acquirer?: string;
  readonly merchantId?: string;
  /** Those that were still open at or after this time. */
  readonly from?: number;
  /** Those that had begun before this time. */
  readonly to?: number;
  readonly backfill?: boolean;
}

const TABLE: PagedTable<{ readonly body: Anomaly }, Anomaly> = {
  table: 'anomaly',
  columns: 'id, started_at, body',
  time: 'started_at',
  key: 'id',
  item: ({ body }) => body,
};

function whereAnomaly(wanted: AnomalyFilter): Filter {
  const filter = createFilter();
  filter.equals('state', wanted.state);
  filter.equals('type', wanted.type);
  filter.equals('severity', wanted.severity);
  filter.equals('node_kind', wanted.nodeKind);
  filter.equals('status', wanted.status);
  filter.equals('auth_code', wanted.authCode);
  filter.equals('acquirer', wanted.acquirer);
  filter.equals('merchant_id', wanted.merchantId);
  if (wanted.from !== undefined) filter.add('(resolved_at is null or resolved_at >= ?::bigint)', wanted.from);
  if (wanted.to !== undefined) filter.add('started_at < ?::bigint', wanted.to);
  if (wanted.backfill !== undefined) filter.add('backfill = ?', wanted.backfill);
  return filter;
}

/** Lists anomalies, those that began last first. Throws INGEST_INVALID for a cursor that is none. */
export async function listAnomalies(sql: Sql, wanted: AnomalyFilter = {}, page: PageRequest = {}): Promise<Page<Anomaly>> {
  return readPage(sql, TABLE, whereAnomaly(wanted), page);
}

/** Counts anomalies. */
export async function countAnomalies(sql: Sql, wanted: AnomalyFilter = {}): Promise<number> {
  const filter = whereAnomaly(wanted);
  const rows = await sql.query<{ n: number }>(`select count(*)::int as n from anomaly ${filter.clause()}`, filter.params);
  return rows[0]?.n ?? 0;
}

/** One anomaly; null when the id is unknown. */
export async function readAnomaly(sql: Sql, id: string): Promise<Anomaly | null> {
  const rows = await sql.query<{ body: Anomaly }>('select body from anomaly where id = $1', [id]);
  return rows[0]?.body ?? null;
}
