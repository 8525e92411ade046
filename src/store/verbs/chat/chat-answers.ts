import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Sql } from '../../database.ts';

/** A message by the names that its channel gives. */
export type MessageKey = Pick<ChatMessage, 'channel' | 'conversation' | 'sender' | 'message_id'>;

/** A personal link of an answer, as it is kept: the secret in its address is not. */
export interface KeptLink {
  /** Line of the message that it answers. */
  readonly line: number;
  readonly id: string;
  /** Page of the console that it opens. */
  readonly path: string;
}

/** An answer as it is kept. */
export type KeptAnswer = ChatAnswer & { readonly links?: readonly KeptLink[] };

/** A message that came before. `text_hash`: of its text. `answer`: null while it is not answered, or when that was cut short. */
export interface SeenMessage {
  readonly text_hash: string;
  readonly answer: KeptAnswer | null;
  /** When it came first, or was answered. */
  readonly answered_at: number;
}

const WHERE = 'channel = $1 and conversation = $2 and sender = $3 and message_id = $4';
const paramsOf = ({ channel, conversation, sender, message_id }: MessageKey): string[] => [channel, conversation, sender, message_id];

/** What is known of a message; undefined when it never came, or too long ago. */
export async function readChatAnswer(sql: Sql, key: MessageKey): Promise<SeenMessage | undefined> {
  const [row] = await sql.query<SeenMessage>(`select text_hash, answer, answered_at from chat_answer where ${WHERE}`, paramsOf(key));
  return row;
}

/** Notes that a message has come, before what it asks for is done. */
export async function beginChatAnswer(sql: Sql, key: MessageKey, textHash: string, at: number): Promise<void> {
  await sql.query(
    `insert into chat_answer (channel, conversation, sender, message_id, text_hash, answer, answered_at)
     values ($1, $2, $3, $4, $5, null, $6) on conflict do nothing`,
    [...paramsOf(key), textHash, at],
  );
}

/** Keeps an answer; the first one stays. */
export async function writeChatAnswer(
  tx: Sql,
  key: MessageKey,
  given: { readonly text_hash: string; readonly answer: KeptAnswer },
  at: number,
): Promise<void> {
  await tx.query(
    `insert into chat_answer (channel, conversation, sender, message_id, text_hash, answer, answered_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7)
     on conflict (channel, conversation, sender, message_id) do update set answer = excluded.answer where chat_answer.answer is null`,
    [...paramsOf(key), given.text_hash, JSON.stringify(given.answer), at],
  );
}
