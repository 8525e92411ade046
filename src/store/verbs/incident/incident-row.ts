import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { IncidentState, Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { Param, Sql } from '../../database.ts';

/** An incident as stored. Times are epoch milliseconds of the wall clock, `first_bad_minute` of event time. */
export interface IncidentRow {
  readonly number: number;
  readonly title: string;
  readonly priority: Priority;
  readonly proposed: Priority;
  /** A person has chosen the priority. */
  readonly is_chosen: boolean;
  readonly state: IncidentState;
  readonly owner: ActorIdentity | null;
  readonly opened_by: ActorIdentity | null;
  readonly opened_at: number;
  readonly first_bad_minute: number | null;
  readonly detected_at: number | null;
  readonly delivered_at: number | null;
  readonly acknowledged_at: number | null;
  readonly resolved_at: number | null;
  /** When its last firing alert ended; null while one fires, or without any. */
  readonly quiet_since: number | null;
  readonly updated_at: number;
  readonly version: number;
}

/** What is known of an incident that opens. */
export type NewIncident = Pick<IncidentRow, 'title' | 'priority' | 'proposed' | 'is_chosen' | 'opened_by' | 'opened_at'>;

/** What a change may set. */
export type IncidentPatch = Partial<Omit<IncidentRow, 'number' | 'opened_by' | 'opened_at' | 'version' | 'updated_at'>>;

export const INCIDENT_COLUMNS = `number, title, priority, proposed, is_chosen, state, owner, opened_by, opened_at, first_bad_minute,
  detected_at, delivered_at, acknowledged_at, resolved_at, quiet_since, updated_at, version`;

/** Stores a new incident in the state `detected` and returns its number: 1 and up, without gaps. */
export async function insertIncident(tx: Sql, incident: NewIncident): Promise<number> {
  const [row] = await tx.query<{ number: number }>(
    `insert into incident (number, title, priority, proposed, is_chosen, state, opened_by, opened_at, updated_at, version)
     select coalesce(max(number), 0) + 1, $1, $2, $3, $4, 'detected', $5::jsonb, $6, $6, 0 from incident returning number`,
    [
      incident.title,
      incident.priority,
      incident.proposed,
      incident.is_chosen,
      incident.opened_by === null ? null : JSON.stringify(incident.opened_by),
      incident.opened_at,
    ],
  );
  return row?.number ?? 0;
}

/** Reads an incident; `lock` keeps it for the transaction. */
export async function readIncident(sql: Sql, number: number, lock = false): Promise<IncidentRow | null> {
  const rows = await sql.query<IncidentRow>(`select ${INCIDENT_COLUMNS} from incident where number = $1${lock ? ' for update' : ''}`, [
    number,
  ]);
  return rows[0] ?? null;
}

/** Incidents in which somebody still has to act, the oldest first. */
export async function readOpenIncidents(sql: Sql): Promise<IncidentRow[]> {
  return sql.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incident where state in ('detected', 'triaged', 'responding') order by number`,
  );
}

/** Sets some columns of an incident. */
export async function updateIncident(tx: Sql, number: number, patch: IncidentPatch): Promise<void> {
  const values: Param[] = [number];
  const sets = Object.entries(patch).map(([column, value]) => {
    const isJson = column === 'owner';
    values.push(isJson && value !== null ? JSON.stringify(value) : (value as Param));
    return `${column} = $${values.length}${isJson ? '::jsonb' : ''}`;
  });
  if (sets.length > 0) await tx.query(`update incident set ${sets.join(', ')} where number = $1`, values);
}
