import type { Sql } from '../../database.ts';

/** What one cell of one minute grows by. */
export interface MinuteCountChange {
  readonly minute: number;
  readonly status: string;
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  readonly count: number;
  readonly amount: number;
}

/** Adds to minute counts; makes the cells that are not there. At most one change a cell. */
export async function addMinuteCounts(sql: Sql, changes: readonly MinuteCountChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql.query(
    `insert into minute_count (minute, status, auth_code, merchant_id, acquirer, count, amount, late_count)
     select minute, status, auth_code, merchant_id, acquirer, count, amount, 0
     from json_to_recordset($1::json) as change (minute bigint, status text, auth_code text, merchant_id text, acquirer text, count bigint, amount double precision)
     on conflict (minute, merchant_id, status, auth_code, acquirer) do update set
       count = minute_count.count + excluded.count,
       amount = minute_count.amount + excluded.amount`,
    [JSON.stringify(changes)],
  );
}

/** Notes of counts that are there already that they came after their minute had closed. */
export async function addLateCounts(sql: Sql, changes: readonly MinuteCountChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql.query(
    `update minute_count m set late_count = late_count + change.count
     from json_to_recordset($1::json) as change (minute bigint, status text, auth_code text, merchant_id text, acquirer text, count bigint)
     where m.minute = change.minute and m.merchant_id = change.merchant_id and m.status = change.status
       and m.auth_code = change.auth_code and m.acquirer = change.acquirer`,
    [JSON.stringify(changes)],
  );
}
