import type { Sql } from '../database.ts';

/** What one cell of one minute grows by. `late`: how much of `count` came after the minute had closed. */
export interface MinuteCountChange {
  readonly minute: number;
  readonly status: string;
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  readonly count: number;
  readonly amount: number;
  readonly late: number;
}

/** Adds to minute counts; makes the cells that are not there. At most one change a cell. */
export async function addMinuteCounts(sql: Sql, changes: readonly MinuteCountChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql.query(
    `insert into minute_count (minute, status, auth_code, merchant_id, acquirer, count, amount, late_count)
     select minute, status, auth_code, merchant_id, acquirer, count, amount, late
     from json_to_recordset($1::json) as change (minute bigint, status text, auth_code text, merchant_id text, acquirer text, count bigint, amount double precision, late bigint)
     on conflict (minute, merchant_id, status, auth_code, acquirer) do update set
       count = minute_count.count + excluded.count,
       amount = minute_count.amount + excluded.amount,
       late_count = minute_count.late_count + excluded.late_count`,
    [JSON.stringify(changes)],
  );
}
