import type { Sql } from '../../database.ts';
import { copyLines, tryCopy } from '../copy-lines.ts';

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

const FIELDS = [
  'minute',
  'status',
  'auth_code',
  'merchant_id',
  'acquirer',
  'count',
  'amount',
] as const satisfies readonly (keyof MinuteCountChange)[];
/** Copying pays from so many cells on. */
const COPY_FROM = 200;

/** Adds to minute counts, inside a transaction; makes the cells that are not there. At most one change a cell. Cells of minutes that have
 *  none yet are copied in, which takes half of the time. */
export async function addMinuteCounts(tx: Sql, changes: readonly MinuteCountChange[]): Promise<void> {
  const known = changes.length < COPY_FROM ? changes : await copyNewMinutes(tx, changes);
  if (known.length === 0) return;
  await tx.query(
    `insert into minute_count (minute, status, auth_code, merchant_id, acquirer, count, amount, late_count)
     select minute, status, auth_code, merchant_id, acquirer, count, amount, 0
     from json_to_recordset($1::json) as change (minute bigint, status text, auth_code text, merchant_id text, acquirer text, count bigint, amount double precision)
     on conflict (minute, merchant_id, status, auth_code, acquirer) do update set
       count = minute_count.count + excluded.count,
       amount = minute_count.amount + excluded.amount`,
    [JSON.stringify(known)],
  );
}

/** Copies the cells of minutes without any; returns the changes that are left. Another worker that adds one of these cells meanwhile
 *  makes the copy fail: then all are left. */
async function copyNewMinutes(tx: Sql, changes: readonly MinuteCountChange[]): Promise<readonly MinuteCountChange[]> {
  const rows = await tx.query<{ minute: number }>(
    `select wanted.minute from unnest($1::bigint[]) as wanted (minute)
     where exists (select from minute_count where minute_count.minute = wanted.minute)`,
    [[...new Set(changes.map(({ minute }) => minute))]],
  );
  const counted = new Set(rows.map(({ minute }) => minute));
  const fresh = counted.size === 0 ? changes : changes.filter(({ minute }) => !counted.has(minute));
  if (fresh.length < COPY_FROM) return changes;
  const lines = copyLines(
    fresh.map((change) => ({ ...change, late_count: 0 })),
    [...FIELDS, 'late_count'],
  );
  const isCopied = lines.isWellFormed() && (await tryCopy(tx, () => tx.copy(`minute_count (${FIELDS.join(', ')}, late_count)`, lines)));
  if (!isCopied) return changes;
  return counted.size === 0 ? [] : changes.filter(({ minute }) => counted.has(minute));
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
