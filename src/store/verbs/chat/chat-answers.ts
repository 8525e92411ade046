import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Sql } from '../../database.ts';

/** A message by the names that its channel gives. */
export type MessageKey = Pick<ChatMessage, 'channel' | 'conversation' | 'sender' | 'message_id'>;

/** An answer that was given. `text_hash`: of the message. */
export interface GivenAnswer {
  readonly text_hash: string;
  readonly answer: ChatAnswer;
}

const WHERE = 'channel = $1 and conversation = $2 and sender = $3 and message_id = $4';
const paramsOf = ({ channel, conversation, sender, message_id }: MessageKey): string[] => [channel, conversation, sender, message_id];

/** The answer to a message; undefined when it was not answered yet, or too long ago. */
export async function readChatAnswer(sql: Sql, key: MessageKey): Promise<GivenAnswer | undefined> {
  const [row] = await sql.query<GivenAnswer>(`select text_hash, answer from chat_answer where ${WHERE}`, paramsOf(key));
  return row;
}

/** Keeps an answer; the first one stays. */
export async function writeChatAnswer(tx: Sql, key: MessageKey, given: GivenAnswer, at: number): Promise<void> {
  await tx.query(
    `insert into chat_answer (channel, conversation, sender, message_id, text_hash, answer, answered_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7) on conflict do nothing`,
    [...paramsOf(key), given.text_hash, JSON.stringify(given.answer), at],
  );
}
