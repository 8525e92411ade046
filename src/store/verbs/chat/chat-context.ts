import type { Sql } from '../../database.ts';
import type { MessageKey } from './chat-answers.ts';

/** One person in one conversation. */
export type TalkKey = Omit<MessageKey, 'message_id'>;

/** What one person talked about in one conversation; undefined when it was never, or before `since` (epoch milliseconds). */
export async function readChatContext(sql: Sql, { channel, conversation, sender }: TalkKey, since: number): Promise<unknown> {
  const [row] = await sql.query<{ context: unknown }>(
    'select context from chat_context where channel = $1 and conversation = $2 and sender = $3 and updated_at >= $4',
    [channel, conversation, sender, since],
  );
  return row?.context;
}

/** Keeps what a person talks about, in place of what was before. */
export async function writeChatContext(tx: Sql, { channel, conversation, sender }: TalkKey, context: object, at: number): Promise<void> {
  await tx.query(
    `insert into chat_context (channel, conversation, sender, context, updated_at) values ($1, $2, $3, $4::jsonb, $5)
     on conflict (channel, conversation, sender) do update set context = excluded.context, updated_at = excluded.updated_at`,
    [channel, conversation, sender, JSON.stringify(context), at],
  );
}
