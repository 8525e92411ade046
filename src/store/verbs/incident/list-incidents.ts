import type { IncidentState, Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';
import { INCIDENT_COLUMNS, type IncidentRow } from './incident-row.ts';

/** Which incidents; an absent field means all. */
export interface IncidentsWanted {
  readonly state?: IncidentState | readonly IncidentState[];
  readonly priority?: Priority | readonly Priority[];
  /** Opened in [from, to), epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

const TABLE: PagedTable<IncidentRow, IncidentRow> = {
  table: 'incident',
  columns: INCIDENT_COLUMNS,
  time: 'number',
  // Numbers are unique: the key never decides.
  key: 'priority',
  item: (row) => row,
};

/** Lists incidents, those that were opened last first. Throws INGEST_INVALID for an invalid cursor. */
export async function listIncidents(sql: Sql, wanted: IncidentsWanted = {}, page: PageRequest = {}): Promise<Page<IncidentRow>> {
  const filter = createFilter();
  filter.equals('state', wanted.state);
  filter.equals('priority', wanted.priority);
  if (wanted.from !== undefined) filter.add('opened_at >= ?::bigint', wanted.from);
  if (wanted.to !== undefined) filter.add('opened_at < ?::bigint', wanted.to);
  return readPage(sql, TABLE, filter, page);
}
