import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../database.ts';
import { sendAgain, startAt, type ReplacedLog } from './check-log.ts';
import type { Extent } from './note-extent.ts';

/** Notes that a stage cannot read the records from `from` to `to` (exclusive) of a topic. True when the outbox has messages of them: the
 *  relay publishes again, so the stage must not go on before its position has moved. Idempotent. */
export async function noteUnreadable(
  sql: Sql,
  topic: Topic,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const rows = await sql.query(
    `update log_identity set unreadable_from = least(coalesce(unreadable_from, $2), $2)
      where topic = $1
        and exists (select from outbox where outbox.topic = $1 and published_offset >= $2 and published_offset < $3)
     returning 1`,
    [topic, from, to],
  );
  return rows.length > 0;
}

/** Puts what the stages need of each topic with a note in line again, all of it, since the order counts, and lets them go on behind the
 *  end of the log, where it will come. `extents`: those of the logs now, while nobody publishes. Returns what was found. */
export async function sendUnreadableAgain(tx: Sql, extents: readonly Extent[]): Promise<readonly ReplacedLog[]> {
  const noted = await tx.query<{ topic: Topic }>(
    'update log_identity set unreadable_from = null where unreadable_from is not null returning topic',
  );
  const found: ReplacedLog[] = [];
  for (const { topic } of noted) {
    const extent = extents.find((one) => one.topic === topic);
    if (extent === undefined) continue;
    await startAt(tx, topic, extent.next);
    found.push({ topic, why: 'damaged', again: await sendAgain(tx, topic, 0), lost: 0 });
  }
  return found;
}
