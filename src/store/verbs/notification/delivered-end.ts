import type { Sql } from '../../database.ts';

/** Whether a receiver took a message of a group that says that this firing of an alert has ended. `starts_at`: as the alert has it. */
export async function hasDeliveredEnd(
  sql: Sql,
  receiver: string,
  groupKey: string,
  { fingerprint, starts_at }: { readonly fingerprint: string; readonly starts_at: string },
): Promise<boolean> {
  const rows = await sql.query(
    `select 1 from notification
      where receiver = $1 and group_key = $2 and kind = 'alerts' and state = 'delivered' and message -> 'resolved' @> $3::jsonb limit 1`,
    [receiver, groupKey, JSON.stringify([{ fingerprint, starts_at }])],
  );
  return rows.length > 0;
}
