import { GuardianError } from '../../../errors.ts';
import type { Sql } from '../../database.ts';

/** The merged stream as the closer has left it. Times are epoch milliseconds of event time; null before the first record. */
export interface StoredCloser {
  readonly max_event_at: number | null;
  /** As `max_event_at`, of records that are not backfill. */
  readonly max_live_event_at: number | null;
  /** What the stream had reached when the oldest record was accepted that may be on no partition yet; null: all are. */
  readonly held_at: number | null;
  readonly watermark: number | null;
  /** Null before the first close and after a pause of the stream. */
  readonly last_closed: number | null;
  readonly is_live: boolean;
  readonly tail_backfill: boolean;
  /** Of the last window that was sent. */
  readonly sequence: number;
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

/** Who closes minutes: the reader of partition 0, with the generation of that assignment. */
export interface CloserClaim {
  readonly generation: number;
  readonly owner: string;
}

/** Takes the closing over for one assignment, so that writes of earlier ones are refused from now on. Idempotent for the same
 *  claim. Throws STORE_FENCED when a later assignment, or another owner with the same generation, closes. */
export async function claimCloser(sql: Sql, claim: CloserClaim): Promise<void> {
  const rows = await sql.query(
    `update window_closer set generation = $1, owner = $2
     where generation < $1 or (generation = $1 and owner in ('', $2)) returning 1`,
    [claim.generation, claim.owner],
  );
  if (rows.length === 0) throw fenced(claim);
}

/** Reads the state. */
export async function readCloser(sql: Sql): Promise<StoredCloser> {
  const [row] = await sql.query<StoredCloser>(
    `select max_event_at, max_live_event_at, held_at, watermark, last_closed, is_live, tail_backfill, sequence, lateness
     from window_closer`,
  );
  if (row === undefined)
    throw new GuardianError('STORE_CORRUPT', 'The table window_closer is empty; make the database again from the log (guardian rebuild).');
  return row;
}

/** Stores the state. Throws STORE_FENCED when the claim is no longer the current one; the transaction must then roll back. */
export async function writeCloser(sql: Sql, claim: CloserClaim, state: StoredCloser): Promise<void> {
  const rows = await sql.query(
    `update window_closer set max_event_at = $1, max_live_event_at = $2, watermark = $3, last_closed = $4, is_live = $5, tail_backfill = $6,
       sequence = $7, lateness = $8::jsonb, held_at = $9
     where generation = $10 and owner = $11 returning 1`,
    [
      state.max_event_at,
      state.max_live_event_at,
      state.watermark,
      state.last_closed,
      state.is_live,
      state.tail_backfill,
      state.sequence,
      state.lateness === null ? null : JSON.stringify(state.lateness),
      state.held_at,
      claim.generation,
      claim.owner,
    ],
  );
  if (rows.length === 0) throw fenced(claim);
}

function fenced(claim: CloserClaim): GuardianError {
  return new GuardianError('STORE_FENCED', 'Another worker closes the minutes of this database: this one must not.', {
    data: { ...claim },
  });
}
