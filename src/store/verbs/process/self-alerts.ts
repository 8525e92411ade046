import type { Sql } from '../../database.ts';

/** What fires about the program itself, by way: what the process that had `role` has notified, as JSON. */
export async function readSelfAlerts(sql: Sql, role: string): Promise<ReadonlyMap<string, unknown>> {
  const rows = await sql.query<{ way: string; notified: unknown }>('select way, notified from self_alert where role = $1', [role]);
  return new Map(rows.map(({ way, notified }) => [way, notified]));
}

/** Keeps what fires now. */
export async function writeSelfAlerts(sql: Sql, role: string, way: string, notified: unknown): Promise<void> {
  await sql.query(
    'insert into self_alert (role, way, notified) values ($1, $2, $3::jsonb) on conflict (role, way) do update set notified = excluded.notified',
    [role, way, JSON.stringify(notified)],
  );
}
