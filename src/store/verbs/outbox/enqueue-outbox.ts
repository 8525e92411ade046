import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { NO_HEADERS, type RecordHeaders } from '../../../topic/record-headers.ts';
import type { Sql } from '../../database.ts';

/** A message that leaves through the outbox. `value`: JSON text. */
export interface OutboxMessage {
  readonly topic: Topic;
  readonly key: string;
  readonly value: string;
  /** Default: none. */
  readonly headers?: RecordHeaders;
}

/** Puts messages in line for the bus, in the order given. Call it in the transaction that holds what they tell. */
export async function enqueueOutbox(sql: Sql, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql.query(
    `insert into outbox (topic, key, value, headers)
     select topic, key, value, headers::jsonb
     from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as m (topic, key, value, headers, place) order by place`,
    [
      messages.map((m) => m.topic),
      messages.map((m) => m.key),
      messages.map((m) => m.value),
      messages.map((m) => JSON.stringify(m.headers ?? NO_HEADERS)),
    ],
  );
}
