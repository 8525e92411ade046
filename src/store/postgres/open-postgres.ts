import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Pool, type PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createBreaker } from '../../breaker.ts';
import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import type { Database, Param } from '../database.ts';
import { retryConflicts } from '../retry-conflicts.ts';
import { runTransaction, type Connection } from '../run-transaction.ts';
import { createTransactionScope } from '../transaction-scope.ts';
import { toServerError } from './server-error.ts';
import { findPoolMode, requireStatements } from './pool-mode.ts';
import { createStatementNames, type StatementNames } from './statement-names.ts';
import { toValue, TYPES } from './values.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; a secret. */
  readonly url: string;
  readonly log: Logger;
  /** Where the state of its circuit breaker is measured. */
  readonly metrics?: Registry | undefined;
  /** Connections at most; a caller that finds none free waits for `connectMs`. */
  readonly connections: number;
  /** A connection that does not come, and a statement or a lock that takes longer, fails with STORE_UNAVAILABLE. Milliseconds. */
  readonly connectMs: number;
  readonly statementMs: number;
  readonly lockMs: number;
}

/** A client that dies in an open transaction must not hold its locks for ever. */
const IDLE_TRANSACTION_MS = 60_000;
const IDLE_CONNECTION_MS = 60_000;
/** The answer of a statement is on its way for so long at most. */
const ANSWER_MS = 5000;

/** Opens a database on a PostgreSQL server, with a pool of connections; statements of several callers run beside each other, a transaction has
 *  a connection for itself (read committed). A statement that gave way to somebody else's transaction is tried again; a transaction that did
 *  fails with STORE_UNAVAILABLE. Throws STORE_UNAVAILABLE when the server cannot be reached or refuses the user, CONFIG_INVALID behind a pool
 *  that does not keep what is prepared. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const pool = createPool(options);
  const scope = createTransactionScope();
  const names = createStatementNames();
  const breaker = createBreaker({ dependency: 'postgres', log: options.log, metrics: options.metrics });
  const patienceMs = options.statementMs + ANSWER_MS;
  let closing: Promise<void> | undefined;

  /** A connection that does not come because others have all of them says nothing of the server. */
  const connect = async (): Promise<PoolClient> => {
    const ask = (): Promise<PoolClient> =>
      pool.connect().catch((error: unknown) => {
        throw toServerError(error);
      });
    if (pool.totalCount >= options.connections && pool.idleCount === 0) return ask();
    return breaker.run(ask, (reason) => toServerError(new Error(reason)));
  };
  const enter = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    scope.refuseInside();
    if (closing !== undefined) throw new GuardianError('STORE_CLOSED', 'The database was closed.');
    const client = await connect();
    try {
      const result = await work(connectionOf(client, names, patienceMs));
      client.release();
      return result;
    } catch (error) {
      client.release(isSpoilt(error));
      throw error;
    }
  };
  const again = <T>(work: () => Promise<T>): Promise<T> => retryConflicts(work, { deadlineMs: options.statementMs });
  const database: Database = {
    query: (text, params) => again(() => enter((connection) => connection.query(text, params))),
    exec: (text) => again(() => enter((connection) => connection.exec(text))),
    copy: (into, rows) => again(() => enter((connection) => connection.copy(into, rows))),
    // Only the caller knows whether its work may run twice.
    transaction: (work) => enter((connection) => scope.inside(() => runTransaction(connection, work))),
    async close() {
      closing ??= pool.end();
      await closing;
    },
  };
  try {
    await checkPool(pool, options.log);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}

/** Prepared statements belong to a session, which a pool in transaction mode lends to others. */
async function checkPool(pool: Pool, log: Logger): Promise<void> {
  const lend = async () => {
    const client = await pool.connect();
    return { client, end: async () => client.release() };
  };
  try {
    const { client, end } = await lend();
    try {
      const mode = await findPoolMode(client, lend);
      if (mode !== 'direct') log.info({ mode }, 'a pool of connections stands before the database server');
      if (mode === 'transaction') await requireStatements(client, lend);
    } finally {
      await end();
    }
  } catch (error) {
    throw toServerError(error);
  }
}

function createPool(options: PostgresOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    application_name: 'transaction-guardian',
    max: options.connections,
    connectionTimeoutMillis: options.connectMs,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: options.statementMs,
    lock_timeout: options.lockMs,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    keepAlive: true,
    types: TYPES,
    options: '-c timezone=UTC',
  });
  // A connection that nobody uses and that the server ends: the next caller gets another one.
  pool.on('error', (error) => options.log.warn({ reason: messageOf(error) }, 'idle database connection lost'));
  pool.on('connect', (client) =>
    client.on('error', (error) => options.log.debug({ reason: messageOf(error) }, 'database connection lost')),
  );
  return pool;
}

/** After a timeout or a lost answer nobody knows what a connection is in the middle of; one whose statements were prepared for another schema
 *  fails at each of them. */
function isSpoilt(error: unknown): boolean {
  return isGuardianError(error, 'STORE_UNAVAILABLE') || (isGuardianError(error, 'STORE_REFUSED') && error.data['sqlState'] === '0A000');
}

/** Statements of a transaction that the server answers at once. */
const AT_ONCE = /^(?:begin|rollback)$/;

/** The server ends a statement that takes too long; a server that cannot be heard does not say so, and is not waited for. Scripts may be
 *  migrations, which take what they take. */
function connectionOf(client: PoolClient, names: StatementNames, patienceMs: number): Connection {
  const bounded = { query_timeout: patienceMs };
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toServerError(error);
    }
  };
  return {
    query: <Row extends object>(text: string, params: readonly Param[] = []) =>
      attempt(async () => {
        const name = names.of(text);
        const { rows } = await client.query<Row>({
          text,
          values: params.map(toValue),
          ...(name === undefined ? {} : { name }),
          ...bounded,
        });
        return rows;
      }),
    exec: (text) => attempt(async () => void (await client.query(AT_ONCE.test(text) ? { text, ...bounded } : text))),
    copy: (into, rows) =>
      attempt(() =>
        pipeline(Readable.from([Buffer.from(rows)]), client.query(Object.assign(copyFrom(`copy ${into} from stdin`), bounded))),
      ),
    commit: () =>
      attempt(async () => ((await client.query({ text: 'commit', ...bounded })).command === 'ROLLBACK' ? 'rolled back' : 'committed')),
  };
}
