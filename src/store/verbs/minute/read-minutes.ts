import type { MinuteState } from '@transaction-guardian/contracts/window.ts';
import type { Sql } from '../../database.ts';

/** One closed minute of the whole fleet. Times are epoch milliseconds; `closed_at` is the wall clock. */
export interface MinuteRow {
  readonly minute: number;
  readonly state: MinuteState;
  readonly total: number;
  readonly revision: number;
  readonly closed_at: number;
}

/** Minutes in [from, to), epoch milliseconds. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

const COLUMNS = 'minute, state, total, revision, closed_at';

/** Closed minutes of the range, oldest first. */
export function readMinutes(sql: Sql, { from, to }: MinuteRange): Promise<MinuteRow[]> {
  return sql.query<MinuteRow>(
    `select ${COLUMNS} from minute where closed_at is not null and minute >= $1 and minute < $2 order by minute`,
    [from, to],
  );
}

/** The newest closed minute before `before` (epoch milliseconds) with transactions; null without one. */
export async function readLastTransactionMinute(sql: Sql, before: number): Promise<number | null> {
  const [row] = await sql.query<{ minute: number }>(
    'select minute from minute where closed_at is not null and total > 0 and minute < $1 order by minute desc limit 1',
    [before],
  );
  return row?.minute ?? null;
}

/** The newest minute from `since` (epoch milliseconds) on that is still open and in which a source was heard; null without one. */
export async function readOpenHeardMinute(sql: Sql, since: number): Promise<number | null> {
  const [row] = await sql.query<{ minute: number }>(
    "select minute from minute where closed_at is null and state <> 'silent' and not backfill and minute >= $1 order by minute desc limit 1",
    [since],
  );
  return row?.minute ?? null;
}

/** The last closed minute, and the last one in which a source was heard; null where there is none. */
export async function readLastMinutes(sql: Sql): Promise<{ readonly last: MinuteRow | null; readonly lastHeard: MinuteRow | null }> {
  const newest = (condition: string) =>
    sql.query<MinuteRow>(`select ${COLUMNS} from minute where closed_at is not null ${condition} order by minute desc limit 1`);
  const [last] = await newest('');
  if (last === undefined || last.state !== 'silent') return { last: last ?? null, lastHeard: last ?? null };
  const [lastHeard] = await newest(`and state <> 'silent'`);
  return { last, lastHeard: lastHeard ?? null };
}
