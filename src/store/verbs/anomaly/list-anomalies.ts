import type { NodeKind } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';
import { createFilter, filterIncidents, type Filter, type IncidentFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** Which anomalies; an absent field means all. */
export interface AnomalyFilter extends IncidentFilter {
  readonly state?: 'open' | 'resolved';
  readonly nodeKind?: NodeKind | readonly NodeKind[];
  /** Status of the transactions. */
  readonly status?: string;
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
  filter.equals('node_kind', wanted.nodeKind);
  filter.equals('status', wanted.status);
  filterIncidents(filter, wanted, { begin: 'started_at', end: 'resolved_at' });
  return filter;
}

/** Lists anomalies, those that began last first. Throws INGEST_INVALID for an invalid cursor. */
export async function listAnomalies(sql: Sql, wanted: AnomalyFilter = {}, page: PageRequest = {}): Promise<Page<Anomaly>> {
  return readPage(sql, TABLE, whereAnomaly(wanted), page);
}

/** Counts anomalies. */
export async function countAnomalies(sql: Sql, wanted: AnomalyFilter = {}): Promise<number> {
  const filter = whereAnomaly(wanted);
  const rows = await sql.query<{ n: number }>(`select count(*)::int as n from anomaly ${filter.clause()}`, filter.params);
  return rows[0]?.n ?? 0;
}

/** Anomalies by id; without those that are unknown. */
export async function readAnomalies(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, Anomaly>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ id: string; body: Anomaly }>('select id, body from anomaly where id = any($1)', [[...ids]]);
  return new Map(rows.map(({ id, body }) => [id, body]));
}

/** One anomaly; null when the id is unknown. */
export async function readAnomaly(sql: Sql, id: string): Promise<Anomaly | null> {
  const rows = await sql.query<{ body: Anomaly }>('select body from anomaly where id = $1', [id]);
  return rows[0]?.body ?? null;
}
