import type { Sql } from '../../database.ts';

/** Rows of the audit that are looked through. */
const NEWEST = 500;

/** The unknown senders that were refused since `since` (epoch milliseconds), by whichever process, among the newest rows of the audit. */
export async function recentRefusals(sql: Sql, since: number): Promise<readonly string[]> {
  const rows = await sql.query<{ identity: string }>(
    `select entry -> 'arguments' ->> 'identity' as identity
     from (select entry from audit order by number desc limit ${NEWEST}) newest
     where entry ->> 'verb' = 'sender.refuse' and entry ->> 'at' > $1`,
    [new Date(since).toISOString()],
  );
  return rows.map(({ identity }) => identity);
}
