import type { PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** A silence as stored. Times are epoch milliseconds, wall clock. */
export interface SilenceRow {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly maxSeverity: Severity;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly reason: string;
  readonly by: PersonName;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly maintenanceId: string | null;
  /** When the receivers were notified of its start and of its end. */
  readonly beganAt: number | null;
  readonly endedAt: number | null;
  readonly endedBy: PersonName | null;
}

/** Which silences; an absent field means all. `now`: what `status` is of, epoch milliseconds. */
export interface SilenceFilter {
  readonly id?: string;
  readonly status?: 'pending' | 'active' | 'expired';
  readonly maintenanceId?: string;
  readonly now: number;
}

const COLUMNS = `id, matchers, max_severity as "maxSeverity", starts_at as "startsAt", ends_at as "endsAt", reason,
  jsonb_build_object('id', by_id, 'name', by_name) as by, created_at as "createdAt", updated_at as "updatedAt",
  maintenance_id as "maintenanceId", began_at as "beganAt", ended_at as "endedAt",
  case when ended_by is null then null else jsonb_build_object('id', ended_by, 'name', ended_by_name) end as "endedBy"`;

const TABLE: PagedTable<SilenceRow, SilenceRow> = {
  table: 'silence',
  columns: `${COLUMNS}, ends_at`,
  time: 'ends_at',
  key: 'id',
  item: (row) => row,
};

/** Lists silences, those that end last first. Throws INGEST_INVALID for an invalid cursor. */
export async function listSilences(sql: Sql, wanted: SilenceFilter, page: PageRequest = {}): Promise<Page<SilenceRow>> {
  const filter = createFilter();
  filter.equals('id', wanted.id);
  filter.equals('maintenance_id', wanted.maintenanceId);
  if (wanted.status === 'expired') filter.add('ends_at <= ?::bigint', wanted.now);
  if (wanted.status === 'pending') filter.add('starts_at > ?::bigint', wanted.now);
  if (wanted.status === 'active') filter.add('starts_at <= ?::bigint and ends_at > ?::bigint', wanted.now, wanted.now);
  return readPage(sql, TABLE, filter, page);
}

/** Silences that have begun and whose end was not settled yet, the oldest first. */
export async function readOpenSilences(sql: Sql, now: number): Promise<SilenceRow[]> {
  return sql.query(`select ${COLUMNS} from silence where ended_at is null and starts_at <= $1 order by starts_at, id`, [now]);
}

/** Silences that have not ended, those that have not begun too, the oldest first. `now`: epoch milliseconds. */
export async function readLiveSilences(sql: Sql, now: number): Promise<SilenceRow[]> {
  return sql.query(`select ${COLUMNS} from silence where ends_at > $1 order by created_at, id`, [now]);
}

/** One silence, locked for a change; null when there is none. */
export async function takeSilence(tx: Sql, id: string): Promise<SilenceRow | null> {
  const [row] = await tx.query<SilenceRow>(`select ${COLUMNS} from silence where id = $1 for update`, [id]);
  return row ?? null;
}

/** Stores a silence, all of it; one that is there is replaced. */
export async function writeSilence(tx: Sql, row: SilenceRow): Promise<void> {
  await tx.query(
    `insert into silence (id, matchers, max_severity, starts_at, ends_at, reason, by_id, by_name, created_at, updated_at, maintenance_id,
                          began_at, ended_at, ended_by, ended_by_name)
     values ($1, $2::jsonb, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at, reason = excluded.reason,
       updated_at = excluded.updated_at, began_at = excluded.began_at, ended_at = excluded.ended_at, ended_by = excluded.ended_by,
       ended_by_name = excluded.ended_by_name`,
    [
      row.id,
      JSON.stringify(row.matchers),
      row.maxSeverity,
      row.startsAt,
      row.endsAt,
      row.reason,
      row.by.id,
      row.by.name,
      row.createdAt,
      row.updatedAt,
      row.maintenanceId,
      row.beganAt,
      row.endedAt,
      row.endedBy?.id ?? null,
      row.endedBy?.name ?? null,
    ],
  );
}
