import type { Sql } from '../../database.ts';

/** Notes that a link was used, and forgets those that are out of date at `now`. False when it was used before. */
export async function noteLinkUse(
  sql: Sql,
  nonce: string,
  { expiresAt, now }: { readonly expiresAt: number; readonly now: number },
): Promise<boolean> {
  await sql.query('delete from used_link where expires_at <= $1', [now]);
  const taken = await sql.query('insert into used_link (nonce, expires_at) values ($1, $2) on conflict do nothing returning nonce', [
    nonce,
    expiresAt,
  ]);
  return taken.length === 1;
}
