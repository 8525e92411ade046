import type { Sql } from '../../database.ts';
import { INCIDENT_COLUMNS, type IncidentRow } from './incident-row.ts';

/** An incident that the external tracker does not have as it is now. */
export interface UnmirroredIncident extends IncidentRow {
  /** 0: it has never heard of it. */
  readonly mirrored_version: number;
  readonly mirror_attempts: number;
}

/** Incidents of which the tracker lacks the last version and whose next attempt is due, the oldest first, at most ten. */
export async function readUnmirrored(sql: Sql, now: number): Promise<UnmirroredIncident[]> {
  return sql.query<UnmirroredIncident>(
    `select ${INCIDENT_COLUMNS}, mirrored_version, mirror_attempts from incident
      where version > mirrored_version and coalesce(mirror_at, 0) <= $1 order by number limit 10`,
    [now],
  );
}

/** Notes that the tracker took a version. */
export async function noteMirrored(sql: Sql, number: number, version: number): Promise<void> {
  await sql.query(
    `update incident set mirrored_version = greatest(mirrored_version, $2::bigint), mirror_attempts = 0, mirror_at = null, mirror_error = null
      where number = $1`,
    [number, version],
  );
}

/** Notes a failed attempt and when the next one is due. */
export async function noteUnmirrored(sql: Sql, number: number, next: { readonly at: number; readonly error: string }): Promise<void> {
  await sql.query('update incident set mirror_attempts = mirror_attempts + 1, mirror_at = $2, mirror_error = $3 where number = $1', [
    number,
    next.at,
    next.error,
  ]);
}

/** What keeps the tracker from what it lacks, the oldest first; null when nothing does. */
export async function readMirrorTrouble(sql: Sql): Promise<string | null> {
  const [row] = await sql.query<{ mirror_error: string }>(
    'select mirror_error from incident where version > mirrored_version and mirror_error is not null order by number limit 1',
  );
  return row?.mirror_error ?? null;
}
