import type { RecordHeaders } from '../../../topic/record-headers.ts';
import type { Sql } from '../../database.ts';
import type { OutboxMessage } from './enqueue-outbox.ts';

export interface StoredMessage extends OutboxMessage {
  readonly id: number;
  readonly headers: RecordHeaders;
}

/** The oldest messages that wait for the bus, oldest first, without removing them. At most `limit` messages and, after the
 *  first one, about `maxBytes` of values. */
export async function takeOutbox(sql: Sql, args: { readonly limit: number; readonly maxBytes: number }): Promise<readonly StoredMessage[]> {
  return sql.query<StoredMessage>(
    `select id, topic, key, value, headers from (
       select id, topic, key, value, headers, sum(octet_length(value)) over (order by id) - octet_length(value) as before
       from (select id, topic, key, value, headers from outbox where refused is null and published_offset is null order by id limit $1) as oldest
     ) as sized where before < $2 order by id`,
    [args.limit, args.maxBytes],
  );
}
