import type { Sql } from '../../database.ts';

/** Channel of the notifications that messages wait in the outbox. */
export const OUTBOX_CHANNEL = 'guardian_outbox';

/** Notifies a relay in another process that a transaction with messages has been committed. */
export async function notifyOutbox(sql: Sql): Promise<void> {
  await sql.query("select pg_notify($1, '')", [OUTBOX_CHANNEL]);
}
