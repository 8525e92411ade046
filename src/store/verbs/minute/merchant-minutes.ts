import type { Sql } from '../../database.ts';
import { parseCounts, type MerchantCounts } from './count-merchants.ts';

/** Counts by merchant of a closed minute, epoch milliseconds, as its `revision` has them. */
export interface MerchantMinute {
  readonly minute: number;
  readonly revision: number;
  readonly counts: MerchantCounts;
}

/** Minutes that are kept: what the screens show. */
const KEPT_MS = 3_600_000;

/** Stores what the merchants have in minutes that close, newer than an hour before the newest of them, and drops what is older. */
export async function writeMerchantMinutes(sql: Sql, minutes: readonly MerchantMinute[]): Promise<void> {
  if (minutes.length === 0) return;
  const after = Math.max(...minutes.map(({ minute }) => minute)) - KEPT_MS;
  const kept = minutes.filter(({ minute }) => minute > after);
  await sql.query('delete from merchant_minute where minute <= $1', [after]);
  await sql.query(
    `insert into merchant_minute (minute, revision, data) select * from unnest($1::bigint[], $2::int[], $3::text[])
     on conflict (minute) do update set revision = excluded.revision, data = excluded.data`,
    [kept.map(({ minute }) => minute), kept.map(({ revision }) => revision), kept.map(({ counts }) => JSON.stringify(counts))],
  );
}

/** Those of the minutes that are kept. In no order. */
export async function readMerchantMinutes(sql: Sql, minutes: readonly number[]): Promise<MerchantMinute[]> {
  if (minutes.length === 0) return [];
  const rows = await sql.query<{ minute: number; revision: number; data: string }>(
    'select minute, revision, data from merchant_minute where minute = any($1::bigint[])',
    [minutes],
  );
  return rows.map(({ minute, revision, data }) => ({ minute, revision, counts: parseCounts(data) }));
}
