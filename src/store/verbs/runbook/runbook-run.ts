import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { Sql } from '../../database.ts';

/** A run that is under way, with the process that works on it. */
export interface HeldRun {
  readonly record: RunRecord;
  readonly holder: string;
  /** True once its process has not said for too long that it works on it. */
  readonly isExpired: boolean;
}

/** How long a process holds a run without saying so again. */
const LEASE = `interval '30 seconds'`;

/** Stores a new run. False when its alert has started one already. Throws STORE_REFUSED when the runbook has a run under way. */
export async function insertRun(
  sql: Sql,
  record: RunRecord,
  { holder, alertKey }: { readonly holder: string; readonly alertKey: string | null },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into runbook_run (id, runbook, state, record, holder, lease_until, alert_key, started_at)
     values ($1, $2, $3, $4::jsonb, $5, now() + ${LEASE}, $6, $7)
     on conflict (runbook, alert_key) where alert_key is not null do nothing returning id`,
    [record.id, record.runbook, record.state, JSON.stringify(record), holder, alertKey, Date.parse(record.started_at)],
  );
  return rows.length === 1;
}

/** Writes how far a run is. `from`: the process that must hold it, `to`: who holds it from now on. False when another one does, or
 *  when it has ended. */
export async function saveRun(
  sql: Sql,
  record: RunRecord,
  { from, to = from }: { readonly from: string; readonly to?: string },
): Promise<boolean> {
  const rows = await sql.query(
    `update runbook_run set state = $2, record = $3::jsonb, ended_at = $4, holder = $6, lease_until = now() + ${LEASE}
     where id = $1 and holder = $5 and state = 'running' returning id`,
    [record.id, record.state, JSON.stringify(record), record.ended_at === null ? null : Date.parse(record.ended_at), from, to],
  );
  return rows.length === 1;
}

/** Says that a process still works on its runs with these ids. Gives the ids, each with who asked to cancel it. */
export async function renewRuns(sql: Sql, holder: string, ids: readonly string[]): Promise<ReadonlyMap<string, ActorIdentity | null>> {
  const rows = await sql.query<{ id: string; cancelled_by: ActorIdentity | null }>(
    `update runbook_run set lease_until = now() + ${LEASE} where holder = $1 and id = any($2::text[]) and state = 'running' returning id, cancelled_by`,
    [holder, ids],
  );
  return new Map(rows.map(({ id, cancelled_by }) => [id, cancelled_by]));
}

/** Asks whoever works on a run to cancel it. Gives who asked first; undefined when the run is not under way. */
export async function askToCancel(sql: Sql, id: string, by: ActorIdentity): Promise<ActorIdentity | undefined> {
  const [row] = await sql.query<{ cancelled_by: ActorIdentity }>(
    `update runbook_run set cancelled_by = coalesce(cancelled_by, $2::jsonb) where id = $1 and state = 'running' returning cancelled_by`,
    [id, JSON.stringify(by)],
  );
  return row?.cancelled_by;
}

/** Runs that are under way, of all processes. */
export async function readHeldRuns(sql: Sql): Promise<readonly HeldRun[]> {
  const rows = await sql.query<{ record: RunRecord; holder: string; expired: boolean }>(
    `select record, holder, lease_until < now() as expired from runbook_run where state = 'running'`,
  );
  return rows.map(({ record, holder, expired }) => ({ record, holder, isExpired: expired }));
}
