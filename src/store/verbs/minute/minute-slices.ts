import type { Sql } from '../../database.ts';
import type { MinuteCountChange } from './add-minute-counts.ts';
import type { MinuteCell } from './list-minute-counts.ts';

type SliceChange = Omit<MinuteCountChange, 'merchant_id'>;

/** Adds the changes of minute counts to what all merchants have together. Call it in the transaction that adds the counts. */
export async function addMinuteSlices(sql: Sql, changes: readonly MinuteCountChange[]): Promise<void> {
  if (changes.length === 0) return;
  const sums = new Map<string, { -readonly [K in keyof SliceChange]: SliceChange[K] }>();
  for (const { minute, status, auth_code, acquirer, count, amount } of changes) {
    const key = `${minute}\u0000${status}\u0000${auth_code}\u0000${acquirer}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { minute, status, auth_code, acquirer, count, amount });
    else {
      sum.count += count;
      sum.amount += amount;
    }
  }
  await sql.query(
    `insert into minute_slice (minute, status, auth_code, acquirer, count, amount)
     select minute, status, auth_code, acquirer, count, amount
     from json_to_recordset($1::json) as change (minute bigint, status text, auth_code text, acquirer text, count bigint, amount double precision)
     on conflict (minute, status, auth_code, acquirer) do update set
       count = minute_slice.count + excluded.count, amount = minute_slice.amount + excluded.amount`,
    [JSON.stringify([...sums.values()])],
  );
}

/** What all merchants of these minutes have together, as cells of merchant ''. In no order. */
export async function listMinuteSlices(sql: Sql, minutes: readonly number[]): Promise<MinuteCell[]> {
  if (minutes.length === 0) return [];
  return sql.query<MinuteCell>(
    `select minute, status, auth_code, '' as merchant_id, acquirer, count, amount from minute_slice where minute = any($1::bigint[])`,
    [minutes],
  );
}
