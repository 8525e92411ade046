import type { Sql } from '../../database.ts';

/** Notes which offset each message has in the log. It stays until `releaseOutbox` finds that nobody needs it any more. */
export async function markPublished(sql: Sql, messages: readonly { readonly id: number; readonly offset: number }[]): Promise<void> {
  if (messages.length === 0) return;
  await sql.query(
    `update outbox set published_offset = p.place from unnest($1::bigint[], $2::bigint[]) as p (id, place) where outbox.id = p.id`,
    [messages.map(({ id }) => id), messages.map(({ offset }) => offset)],
  );
}
