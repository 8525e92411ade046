import type { Sql } from '../../database.ts';

/** What a process says of itself in one role. `number`: how many it has written; `at`: epoch milliseconds. */
export interface StoredReport {
  readonly instance: string;
  readonly role: string;
  readonly number: number;
  readonly at: number;
  readonly report: unknown;
}

/** Writes the reports of a process, one for each of its roles. */
export async function writeReports(sql: Sql, reports: readonly StoredReport[]): Promise<void> {
  await sql.query(
    `insert into process_report (instance, role, number, at, report)
     select r.instance, r.role, r.number, r.at, r.report
     from jsonb_to_recordset($1::jsonb) as r(instance text, role text, number bigint, at bigint, report jsonb)
     on conflict (instance, role) do update set number = excluded.number, at = excluded.at, report = excluded.report`,
    [JSON.stringify(reports)],
  );
}

/** All reports that are kept. */
export async function readStoredReports(sql: Sql): Promise<readonly StoredReport[]> {
  return sql.query<StoredReport & Record<string, unknown>>('select instance, role, number, at, report from process_report');
}

/** Takes the reports of a process away, and those that nobody has renewed since `before` (epoch milliseconds). */
export async function removeReports(sql: Sql, instance: string, before: number): Promise<void> {
  await sql.query('delete from process_report where instance = $1 or at < $2', [instance, before]);
}
