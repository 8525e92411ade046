import type { PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { OnceSchedule, WeeklySchedule } from '@transaction-guardian/contracts/silence.ts';
import type { Sql } from '../../database.ts';

/** When a window comes: once, or every week by the clocks of a zone. */
export type Schedule = { readonly once: OnceSchedule } | { readonly weekly: WeeklySchedule & { readonly time_zone: string } };

/** A maintenance window as stored. Times are epoch milliseconds, wall clock. */
export interface MaintenanceRow {
  readonly id: string;
  readonly name: string;
  readonly matchers: readonly string[];
  readonly maxSeverity: Severity;
  readonly schedule: Schedule;
  readonly by: PersonName;
  readonly createdAt: number;
  /** Start of the occurrence that has no silence yet; null: there is none. */
  readonly nextAt: number | null;
  readonly endedAt: number | null;
  readonly endedBy: PersonName | null;
}

const COLUMNS = `id, name, matchers, max_severity as "maxSeverity", schedule, jsonb_build_object('id', by_id, 'name', by_name) as by,
  created_at as "createdAt", next_at as "nextAt", ended_at as "endedAt",
  case when ended_by is null then null else jsonb_build_object('id', ended_by, 'name', ended_by_name) end as "endedBy"`;

/** Windows that have not ended, and the newest `ended` that have; those that come next first. */
export async function listMaintenance(sql: Sql, wanted: { readonly ended: number }): Promise<MaintenanceRow[]> {
  return sql.query(
    `select * from (
       (select ${COLUMNS} from maintenance where ended_at is null)
       union all
       (select ${COLUMNS} from maintenance where ended_at is not null order by ended_at desc, id limit $1)) as x
      order by "endedAt" is not null, "nextAt" nulls first, "endedAt" desc, id`,
    [wanted.ended],
  );
}

/** Windows whose occurrence is due. */
export async function readDueMaintenance(sql: Sql, now: number): Promise<MaintenanceRow[]> {
  return sql.query(`select ${COLUMNS} from maintenance where ended_at is null and next_at <= $1 order by next_at, id for update`, [now]);
}

/** One window, locked for a change; null when there is none. */
export async function takeMaintenance(tx: Sql, id: string): Promise<MaintenanceRow | null> {
  const [row] = await tx.query<MaintenanceRow>(`select ${COLUMNS} from maintenance where id = $1 for update`, [id]);
  return row ?? null;
}

/** Stores a window; of one that is there only what changes. */
export async function writeMaintenance(tx: Sql, row: MaintenanceRow): Promise<void> {
  await tx.query(
    `insert into maintenance (id, name, matchers, max_severity, schedule, by_id, by_name, created_at, next_at, ended_at, ended_by, ended_by_name)
     values ($1, $2, $3::jsonb, $4, $5::jsonb, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do update set next_at = excluded.next_at, ended_at = excluded.ended_at, ended_by = excluded.ended_by,
       ended_by_name = excluded.ended_by_name`,
    [
      row.id,
      row.name,
      JSON.stringify(row.matchers),
      row.maxSeverity,
      JSON.stringify(row.schedule),
      row.by.id,
      row.by.name,
      row.createdAt,
      row.nextAt,
      row.endedAt,
      row.endedBy?.id ?? null,
      row.endedBy?.name ?? null,
    ],
  );
}
