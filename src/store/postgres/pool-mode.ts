import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { GuardianError } from '../../errors.ts';
import { isPostgresError } from '../sql-state.ts';

/** Sessions of a server, by how they are had: each of ours is one of the server's; each is lent by a pool until it ends (PgBouncer's mode
 *  `session`); each is lent for a transaction, so that the next statement may meet another one (`transaction`). */
export type PoolMode = 'direct' | 'session' | 'transaction';

/** Another connection to the same place. */
type Connect = () => Promise<{ readonly client: ClientBase; readonly end: () => Promise<void> }>;

/** Tries to meet what another connection has left in a session: a pool prefers the session that came back last. */
const TRIES = 3;

/** Finds out how sessions are had, from a connection that nobody else uses. A direct one is known by one statement. Throws what the library
 *  throws. */
export async function findPoolMode(client: ClientBase, connect: Connect): Promise<PoolMode> {
  // A pool answers for the server with a number of its own.
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  if ('processID' in client && client.processID === rows[0]?.pid) return 'direct';
  const other = await connect();
  try {
    for (let tried = 0; tried < TRIES; tried += 1) if (await isShared(client, other.client)) return 'transaction';
    return 'session';
  } finally {
    await other.end();
  }
}

async function isShared(one: ClientBase, two: ClientBase): Promise<boolean> {
  const mark = randomUUID();
  await one.query(`set guardian.session_mark = '${mark}'`);
  const { rows } = await two.query<{ mark: string | null }>("select current_setting('guardian.session_mark', true) as mark");
  return rows[0]?.mark === mark;
}

/** Throws CONFIG_INVALID where the pool at `store.url` is in transaction mode and does not keep prepared statements. */
export async function requireStatements(client: ClientBase, connect: Connect): Promise<void> {
  const other = await connect();
  const statement = { name: `g_${randomUUID().slice(0, 8)}`, text: 'select 1' };
  try {
    await client.query(statement);
    // While another one has the session in which the statement was prepared, the next one is another session.
    await other.client.query('begin');
    await client.query(statement);
  } catch (error) {
    if (!isPostgresError(error) || !['26000', '42P05'].includes(error.code)) throw error;
    throw new GuardianError(
      'CONFIG_INVALID',
      'store.url leads to a pool in transaction mode that does not keep prepared statements: use PgBouncer 1.21 or newer with max_prepared_statements above 0, a pool in session mode, or the server itself.',
      { cause: error },
    );
  } finally {
    await other.client.query('rollback').catch(() => undefined);
    await other.end();
  }
}

/** Throws CONFIG_INVALID where a lock would not be ours: in transaction mode the session that has it serves others. */
export async function requireSession(client: ClientBase, connect: Connect): Promise<void> {
  if ((await findPoolMode(client, connect)) !== 'transaction') return;
  throw new GuardianError(
    'CONFIG_INVALID',
    'A pool in transaction mode keeps no locks: set store.session_url to the server itself, or to a pool in session mode.',
  );
}
