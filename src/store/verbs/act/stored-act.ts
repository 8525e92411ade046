import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { Sql } from '../../database.ts';

/** What was done for a message. */
export interface StoredAct {
  readonly channel: string;
  readonly message_id: string;
  /** Who asked, and for what. `arguments`: a hash. */
  readonly actor: string;
  readonly verb: string;
  readonly arguments: string;
  /** What the act gave back, as JSON. */
  readonly value: unknown;
  /** The role that the actor lacked; null: it was allowed. */
  readonly forbidden: Role | null;
  /** Wall clock, epoch milliseconds. */
  readonly at: number;
}

/** No channel repeats a message for longer. */
const KEPT_MS = 30 * 86_400_000;

/** The act of a message of a channel; undefined when it is new. */
export async function findAct(
  sql: Sql,
  { channel, message_id }: Pick<StoredAct, 'channel' | 'message_id'>,
): Promise<StoredAct | undefined> {
  const [found] = await sql.query<StoredAct>('select * from act where channel = $1 and message_id = $2', [channel, message_id]);
  return found;
}

/** Stores the act of a message, and forgets those that nobody repeats any more. */
export async function writeAct(
  sql: Sql,
  { channel, message_id, actor, verb, arguments: args, value, forbidden, at }: StoredAct,
): Promise<void> {
  await sql.query('delete from act where at < $1', [at - KEPT_MS]);
  await sql.query(
    `insert into act (channel, message_id, actor, verb, arguments, value, forbidden, at)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)`,
    [channel, message_id, actor, verb, args, JSON.stringify(value), forbidden, at],
  );
}
