import type { SlicePart } from '../../slice-counts.ts';
import type { Sql } from '../database.ts';

/** Records of minutes that are still open came in less time than this before the third last close. */
const REACH_MS = 600_000;

/** What the stored records of these minutes (open ones, epoch milliseconds) say about payment methods, cards and currencies,
 *  summed. Their rows are found by the time of arrival, which the table is ordered by. In no order. */
export async function listOpenParts(sql: Sql, minutes: readonly number[]): Promise<(SlicePart & { readonly minute: number })[]> {
  if (minutes.length === 0) return [];
  return sql.query(
    `with reach as (
       select coalesce(min(closed_at), 0) - $2::bigint as since
       from (select closed_at from minute where closed_at is not null order by minute desc limit 3) last)
     select occurred_at / 60000 * 60000 as minute, status, coalesce(auth_code, '') as auth_code, coalesce(merchant_id, '') as merchant_id,
            coalesce(acquirer, '') as acquirer, coalesce(payment_method, '') as payment_method, coalesce(card_bin, '') as card_bin,
            coalesce(currency, '') as currency, sum(count) as count, coalesce(sum(amount), 0) as amount
     from transaction
     where ingested_at >= (select since from reach) and count > 0
       and occurred_at >= $3::bigint and occurred_at / 60000 * 60000 = any($1::bigint[])
       and (payment_method is not null or card_bin is not null or currency is not null)
     group by 1, 2, 3, 4, 5, 6, 7, 8`,
    [minutes, REACH_MS, Math.min(...minutes)],
  );
}
