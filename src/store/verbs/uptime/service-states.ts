import type { Sql } from '../../database.ts';

/** How the program was: `unknown` is also every time that no interval covers. */
export const SERVICE_STATES = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

/** From `started_at` up to `ended_at`, epoch milliseconds of the wall clock. */
export interface ServiceInterval {
  readonly started_at: number;
  readonly ended_at: number;
  readonly state: ServiceState;
}

/** How much of the record a clock may take away that is set back: one that begins in 1970 must not take all of it. */
const MOST_TAKEN_MS = 86_400_000;

/** Stores intervals; one that begins at the same time as a stored one takes its place. What lies in the day after `now` was
 *  written by a clock that was ahead, and goes. */
export async function writeServiceStates(tx: Sql, intervals: readonly ServiceInterval[], now: number): Promise<void> {
  const until = now + MOST_TAKEN_MS;
  await tx.query('delete from service_state where started_at > $1 and ended_at <= $2', [now, until]);
  await tx.query('update service_state set ended_at = $1 where started_at <= $1 and ended_at > $1 and ended_at <= $2', [now, until]);
  if (intervals.length === 0) return;
  await tx.query(
    `insert into service_state (started_at, ended_at, state)
     select started_at, ended_at, state from jsonb_to_recordset($1::jsonb) as x(started_at bigint, ended_at bigint, state text)
     on conflict (started_at) do update set ended_at = excluded.ended_at, state = excluded.state`,
    [JSON.stringify(intervals)],
  );
}

/** The intervals that reach into [from, to), oldest first. */
export function readServiceStates(sql: Sql, { from, to }: { readonly from: number; readonly to: number }): Promise<ServiceInterval[]> {
  return sql.query<ServiceInterval>(
    'select started_at, ended_at, state from service_state where ended_at > $1 and started_at < $2 order by started_at',
    [from, to],
  );
}

/** When the record begins, not before `since`; null when it does not. */
export async function readFirstServiceState(sql: Sql, since: number): Promise<number | null> {
  const [row] = await sql.query<{ started_at: number }>(
    'select started_at from service_state where ended_at > $1 order by started_at limit 1',
    [since],
  );
  return row?.started_at ?? null;
}
