import { GuardianError } from '../../errors.ts';
import type { Sql } from '../database.ts';

/** How far the counting is. Times are epoch milliseconds of event time; null before the first record. */
export interface StoredWindowState {
  readonly max_event_at: number | null;
  /** As `max_event_at`, of records that are not history being filled in. */
  readonly max_live_event_at: number | null;
  readonly watermark: number | null;
  /** Null before the first close and after a pause of the stream. */
  readonly last_closed: number | null;
  readonly is_live: boolean;
  readonly tail_backfill: boolean;
  /** Of the last window that was sent. */
  readonly sequence: number;
  readonly version: number;
  /** What was learnt of how late records come; null before the first. */
  readonly lateness: StoredLateness | null;
}

/** Weights of the classes of lateness, their sum, minutes that taught them, and the last of these. */
export interface StoredLateness {
  readonly weights: readonly number[];
  readonly total: number;
  readonly minutes: number;
  readonly lastMinute: number;
}

/** Reads the state. */
export async function readWindowState(sql: Sql): Promise<StoredWindowState> {
  const [row] = await sql.query<StoredWindowState>(
    'select max_event_at, max_live_event_at, watermark, last_closed, is_live, tail_backfill, sequence, version, lateness from window_state',
  );
  if (row === undefined)
    throw new GuardianError('STORE_CORRUPT', 'The table window_state is empty; make the database again from the log (guardian rebuild).');
  return row;
}

/** The version of the state, which nobody else can change until the transaction ends. */
export async function lockWindowState(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.query<{ version: number }>('select version from window_state for update');
  return row?.version;
}

/** Stores the state that was made from version `state.version`, under the next version. Throws STORE_FENCED when another
 *  worker has written in between; the transaction must then roll back. */
export async function writeWindowState(sql: Sql, state: StoredWindowState): Promise<void> {
  const rows = await sql.query(
    `update window_state set max_event_at = $1, max_live_event_at = $2, watermark = $3, last_closed = $4, is_live = $5, tail_backfill = $6,
       sequence = $7, lateness = $9::jsonb, version = version + 1
     where version = $8 returning 1`,
    [
      state.max_event_at,
      state.max_live_event_at,
      state.watermark,
      state.last_closed,
      state.is_live,
      state.tail_backfill,
      state.sequence,
      state.version,
      state.lateness === null ? null : JSON.stringify(state.lateness),
    ],
  );
  if (rows.length === 0)
    throw new GuardianError('STORE_FENCED', 'Another worker counts into this database: this one must read its state again.');
}
