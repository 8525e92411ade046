import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../database.ts';

/** A message that leaves through the outbox. `value`: JSON text. */
export interface OutboxMessage {
  readonly topic: Topic;
  readonly key: string;
  readonly value: string;
}

/** Puts messages in line for the bus, in the order given. Call it in the transaction that holds what they tell. */
export async function enqueueOutbox(sql: Sql, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql.query(
    `insert into outbox (topic, key, value)
     select topic, key, value from unnest($1::text[], $2::text[], $3::text[]) with ordinality as m (topic, key, value, place) order by place`,
    [messages.map((m) => m.topic), messages.map((m) => m.key), messages.map((m) => m.value)],
  );
}
