import type { Sql } from '../../database.ts';

/** A runbook has helped where the anomaly is over so soon after it. */
export const HELPED_MS = 15 * 60_000;

/** Runs of one runbook while anomalies of one type were open. */
export interface RunsDuring {
  readonly runbook: string;
  readonly runs: number;
  /** Runs that did all their steps, and after which the anomaly was over within `withinMs`. */
  readonly helped: number;
}

/** Runs of the runbooks that name the type of an anomaly, or that its alert started, while one of `anomalies` was open; times are
 *  epoch milliseconds. Those that helped most come first. */
export async function readRunsDuring(
  sql: Sql,
  anomalies: readonly { readonly id: string; readonly from: number; readonly to: number }[],
  { type, withinMs }: { readonly type: string; readonly withinMs: number },
): Promise<RunsDuring[]> {
  return sql.query<RunsDuring & Record<string, unknown>>(
    `select r.runbook, count(*)::int as runs,
            count(*) filter (where r.state = 'done' and a."to" >= r.ended_at and a."to" <= r.ended_at + $3)::int as helped
       from jsonb_to_recordset($1::jsonb) as a(id text, "from" bigint, "to" bigint)
       join runbook_run r on r.started_at >= a."from" and r.started_at < a."to" and r.state <> 'running'
      where coalesce(r.record -> 'definition' -> 'alerts', '[]') @> to_jsonb($2::text)
         or r.record ->> 'alert' in (select fingerprint from alert where anomaly_id = a.id)
      group by r.runbook order by helped desc, runs desc, r.runbook limit 3`,
    [JSON.stringify(anomalies), type, withinMs],
  );
}
