import type { Sql } from '../../database.ts';

/** How far the closed minutes are judged. Epoch milliseconds; minutes by their start. */
export interface JudgedMinutes {
  /** Newest judged minute; null before the first. */
  readonly last: number | null;
  /** Oldest closed minute after it, and when it closed (wall clock); null when none waits. */
  readonly waiting: { readonly minute: number; readonly closedAt: number } | null;
}

/** Reads how far the closed minutes are judged: two look-ups in indexes, however long the backlog is. */
export async function readJudged(sql: Sql): Promise<JudgedMinutes> {
  const [judged] = await sql.query<{ minute: number }>('select minute from judged');
  const [waiting] = await sql.query<{ minute: number; closed_at: number }>(
    'select minute, closed_at from minute where closed_at is not null and minute > $1 order by minute limit 1',
    [judged?.minute ?? Number.MIN_SAFE_INTEGER],
  );
  return { last: judged?.minute ?? null, waiting: waiting === undefined ? null : { minute: waiting.minute, closedAt: waiting.closed_at } };
}
