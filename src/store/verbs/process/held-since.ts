import type { Sql } from '../../database.ts';

/** A process that spooled and then died comes back and goes on: so long the others wait for it, by the clock of its last report. */
const AWAITED_MS = 60_000;

/** Since when accepted records are held by processes and are not on the log yet, epoch milliseconds; null when there are none. Reports
 *  are two seconds old at most while their process lives. */
export async function readHeldSince(sql: Sql, now: number): Promise<number | null> {
  const rows = await sql.query<{ since: number | null }>(
    `select min((report->>'heldSince')::bigint) as since from process_report where role = 'api' and at > $1`,
    [now - AWAITED_MS],
  );
  return rows[0]?.since ?? null;
}
