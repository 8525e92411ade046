import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { Sql } from '../../database.ts';

/** A run of a runbook that has ended; times are epoch milliseconds. */
export interface IncidentRun {
  readonly id: string;
  readonly runbook: string;
  readonly state: string;
  readonly by: ActorIdentity;
  readonly ended_at: number;
}

/** What makes a run one of an incident. Times are epoch milliseconds. */
export interface RunsOfIncident {
  readonly incident: number;
  /** Runs for its alerts count from here. */
  readonly since: number;
  readonly types: readonly string[];
  readonly fingerprints: readonly string[];
  /** Ids of whose runs count from `openedAt`, whatever they are for. */
  readonly people: readonly string[];
  readonly openedAt: number;
}

/** Runs that ended while an incident was worked on and that are not in its timeline: of a runbook for one of the `types` of its
 *  alerts, started by one of them, or asked for by one of `people`. */
export async function readNewRuns(
  tx: Sql,
  { incident, since, types, fingerprints, people, openedAt }: RunsOfIncident,
): Promise<IncidentRun[]> {
  return tx.query<IncidentRun & Record<string, unknown>>(
    `select r.id, r.runbook, r.state, r.record -> 'requested_by' as by, r.ended_at from runbook_run r
      where r.state <> 'running' and r.started_at >= $2
        and (exists (select 1 from jsonb_array_elements_text(coalesce(r.record -> 'definition' -> 'alerts', '[]')) as t where t = any($3::text[]))
             or r.record ->> 'alert' = any($4::text[])
             or (r.started_at >= $6 and r.record -> 'requested_by' ->> 'id' = any($5::text[])))
        and not exists (select 1 from incident_entry e where e.incident = $1 and e.source = 'run ' || r.id)
      order by r.ended_at limit 50`,
    [incident, since, [...types], [...fingerprints], [...people], openedAt],
  );
}
