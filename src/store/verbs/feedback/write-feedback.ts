import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Sql } from '../../database.ts';

/** Keys of what a notice judges, for lists and resets. */
export interface JudgedKeys {
  readonly node: string;
  readonly group: string;
}

/** Number of the next notice: above every earlier one, and not below the wall clock, so that a database that has lost its last
 *  moments does not use a number twice. */
export async function nextFeedbackNumber(tx: Sql, nowMs: number): Promise<number> {
  const [row] = await tx.query<{ last: number }>(
    'select greatest(coalesce(max(number), 0), coalesce(max(ended_number), 0))::bigint as last from feedback',
  );
  return Math.max((row?.last ?? 0) + 1, Math.floor(nowMs));
}

/** Stores what a notice says: ends rows, adds one. Storing it again changes nothing. `keys`: of the judged anomaly. */
export async function writeFeedback(tx: Sql, notice: FeedbackNotice, keys: JudgedKeys): Promise<void> {
  const { number, minute, at, by, ends, how, given } = notice;
  if (ends.length > 0) {
    await tx.query(
      `update feedback set ended_number = $1, ended_how = $2, ended_by = $3, ended_at = $4, ended_minute = $5
       where number = any($6::bigint[]) and ended_number is null`,
      [number, how, by, at, minute, ends],
    );
  }
  if (given === null) return;
  await tx.query(
    `insert into feedback (number, anomaly_id, given_by, verdict, comment, node, node_group, anomaly, given_at, minute)
     values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10) on conflict do nothing`,
    [number, given.anomaly.id, by, given.verdict, given.comment, keys.node, keys.group, JSON.stringify(given.anomaly), at, minute],
  );
}
