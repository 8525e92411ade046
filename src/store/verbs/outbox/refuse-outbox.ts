import type { Sql } from '../../database.ts';

/** Takes a message out of the line without losing it: the bus will never accept it, for this reason. */
export async function refuseOutbox(sql: Sql, args: { readonly id: number; readonly reason: string }): Promise<void> {
  await sql.query('update outbox set refused = $2 where id = $1', [args.id, args.reason]);
}
