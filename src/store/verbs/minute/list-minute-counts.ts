import type { Cell } from '@transaction-guardian/contracts/window.ts';
import type { Sql } from '../../database.ts';

/** A cell and the minute that it belongs to, epoch milliseconds. */
export interface MinuteCell extends Cell {
  readonly minute: number;
}

/** The cells of some merchants in one minute. In no order. */
export async function listMerchantCells(sql: Sql, minute: number, merchants: readonly string[]): Promise<MinuteCell[]> {
  if (merchants.length === 0) return [];
  return sql.query<MinuteCell>(
    `select minute, status, auth_code, merchant_id, acquirer, count, amount from minute_count
     where minute = $1 and merchant_id = any($2::text[])`,
    [minute, merchants],
  );
}

/** The cells of these minutes, oldest minute first, in the order of windows. */
export async function listMinuteCounts(sql: Sql, minutes: readonly number[]): Promise<MinuteCell[]> {
  if (minutes.length === 0) return [];
  return sql.query<MinuteCell>(
    `select minute, status, auth_code, merchant_id, acquirer, count, amount from minute_count where minute = any($1::bigint[])
     order by minute, merchant_id collate "C", status collate "C", auth_code collate "C", acquirer collate "C"`,
    [minutes],
  );
}
