import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../../database.ts';

/** A message that a receiver took and that has an id there. `isShared`: it also speaks of other groups. */
export interface PreviousRow {
  readonly providerMessageId: string;
  readonly message: Message;
  readonly isShared: boolean;
}

/** The last message that a receiver took about a group, while it says that something fires; null for none. */
export async function readPrevious(sql: Sql, receiver: string, groupKey: string): Promise<PreviousRow | null> {
  const [row] = await sql.query<PreviousRow & { readonly status: string }>(
    `select n.provider_message_id as "providerMessageId", n.message, n.status,
            exists (select from notification as other
                     where other.receiver = n.receiver and other.provider_message_id = n.provider_message_id
                       and other.group_key <> n.group_key) as "isShared"
       from notification as n
      where n.receiver = $1 and n.group_key = $2 and n.provider_message_id is not null
      order by n.delivered_at desc, n.id desc limit 1`,
    [receiver, groupKey],
  );
  return row === undefined || row.status !== 'firing' ? null : row;
}
