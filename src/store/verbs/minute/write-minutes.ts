import type { MinuteState } from '@transaction-guardian/contracts/window.ts';
import type { Sql } from '../../database.ts';

/** A minute of the stream, open while `closed_at` is null. Times are epoch milliseconds. */
export interface MinuteRecord {
  readonly minute: number;
  readonly state: MinuteState;
  /** Transactions of the cells that have a status. */
  readonly total: number;
  readonly revision: number;
  readonly late: number;
  readonly backfill: boolean;
  readonly alive: boolean;
  readonly observed: boolean;
  readonly closed_at: number | null;
}

const COLUMNS = 'minute, state, total, revision, late, backfill, alive, observed, closed_at';

/** Stores minutes as they now are, over what was there. */
export async function writeMinutes(sql: Sql, minutes: readonly MinuteRecord[]): Promise<void> {
  if (minutes.length === 0) return;
  await sql.query(
    `insert into minute (${COLUMNS})
     select ${COLUMNS} from json_to_recordset($1::json) as m (
       minute bigint, state text, total bigint, revision integer, late bigint, backfill boolean, alive boolean, observed boolean, closed_at bigint)
     on conflict (minute) do update set
       state = excluded.state, total = excluded.total, revision = excluded.revision, late = excluded.late, backfill = excluded.backfill,
       alive = excluded.alive, observed = excluded.observed, closed_at = excluded.closed_at`,
    [JSON.stringify(minutes)],
  );
}

/** Those of the minutes that are stored, by minute. */
export async function findMinutes(sql: Sql, minutes: readonly number[]): Promise<ReadonlyMap<number, MinuteRecord>> {
  if (minutes.length === 0) return new Map();
  const rows = await sql.query<MinuteRecord>(`select ${COLUMNS} from minute where minute = any($1::bigint[])`, [minutes]);
  return new Map(rows.map((row) => [row.minute, row]));
}

/** The minutes that wait for the watermark, oldest first. */
export async function listOpenMinutes(sql: Sql): Promise<MinuteRecord[]> {
  return sql.query<MinuteRecord>(`select ${COLUMNS} from minute where closed_at is null order by minute`);
}
