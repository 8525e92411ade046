import type { Sql } from '../../database.ts';

/** When the clock alone changes what is held back, epoch milliseconds: a response, a silence or a maintenance window begins or
 *  ends. In the past: it has not been worked out yet. Null: never. */
export async function readNextHoldChange(sql: Sql): Promise<number | null> {
  const [row] = await sql.query<{ at: number | null }>(
    `select least((select min(until) from alert_response where ended_at is null),
                  (select min(case when began_at is null then least(starts_at, ends_at) else ends_at end) from silence where ended_at is null),
                  (select min(next_at) from maintenance where ended_at is null)) as at`,
  );
  return row?.at ?? null;
}
