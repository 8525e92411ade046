import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { EntryKind } from '@transaction-guardian/contracts/incident-state.ts';
import type { Sql } from '../../database.ts';

/** A line of a timeline. `source`: what it was made of; a second entry of one source is a repeat. */
export interface NewEntry {
  readonly incident: number;
  readonly at: number;
  readonly kind: EntryKind;
  readonly actor: ActorIdentity | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly source?: string;
}

export interface EntryRow extends Omit<NewEntry, 'source'> {
  readonly number: number;
}

/** Adds a line to a timeline and counts the version of the incident up; false for a repeat, which changes nothing. */
export async function appendEntry(tx: Sql, entry: NewEntry): Promise<boolean> {
  const rows = await tx.query(
    `insert into incident_entry (incident, number, at, kind, actor, data, source)
     select $1, coalesce((select max(number) from incident_entry where incident = $1), 0) + 1, $2, $3, $4::jsonb, $5::jsonb, $6
     on conflict (incident, source) where source is not null do nothing returning number`,
    [
      entry.incident,
      entry.at,
      entry.kind,
      entry.actor === null ? null : JSON.stringify(entry.actor),
      JSON.stringify(entry.data),
      entry.source ?? null,
    ],
  );
  if (rows.length === 0) return false;
  await tx.query('update incident set version = version + 1, updated_at = greatest(updated_at, $2::bigint) where number = $1', [
    entry.incident,
    entry.at,
  ]);
  return true;
}

/** The timeline of an incident, oldest first. */
export async function listEntries(sql: Sql, incident: number): Promise<EntryRow[]> {
  return sql.query<EntryRow>('select incident, number, at, kind, actor, data from incident_entry where incident = $1 order by at, number', [
    incident,
  ]);
}
