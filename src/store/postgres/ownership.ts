import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import { requireSession } from './pool-mode.ts';
import { toServerError } from './server-error.ts';

export interface OwnershipOptions {
  /** Of the server itself, or of a pool in session mode: the lock belongs to a session. */
  readonly url: string;
  readonly connectMs: number;
  readonly log: Logger;
  /** Another process has taken the database while the server was away. */
  readonly onLost: () => void;
  /** Between two tries (default 1000 ms). */
  readonly retryMs?: number;
}

/** Between two tries to take a database that another process may be about to leave. */
const LOOK_MS = 200;
/** Any number that nobody else locks. */
const LOCK = 5_284_772;

/** Holds an advisory lock on a connection of its own: stages of two processes that have logs of their own would count into one table. A
 *  connection that breaks is made again. Returns how to give the database up. Throws STORE_UNAVAILABLE while another process has it, CONFIG_INVALID
 *  behind a pool in transaction mode. */
export async function takeOwnership(options: OwnershipOptions): Promise<() => Promise<void>> {
  const { log, retryMs = 1000 } = options;
  const ending = new AbortController();
  let holder: Client | undefined = await lockPatiently(options);
  let keeping: Promise<void> | undefined;

  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await sleep(retryMs, undefined, { signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted) return;
      try {
        watch(await lock(options));
        return;
      } catch (error) {
        if (error instanceof GuardianError && error.data['taken'] === true) {
          log.error('another process has the database');
          options.onLost();
          return;
        }
        log.debug({ reason: messageOf(error) }, 'database server is away, trying again');
      }
    }
  };
  const watch = (client: Client): void => {
    holder = client;
    client.once('end', () => {
      holder = undefined;
      if (!ending.signal.aborted) keeping = keep();
    });
  };
  watch(holder);
  return async () => {
    ending.abort();
    await keeping;
    await holder?.end().catch(() => undefined);
  };
}

/** The server may need a moment to notice that the process before is gone. */
async function lockPatiently(options: OwnershipOptions): Promise<Client> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      return await lock(options);
    } catch (error) {
      if (waitedMs >= options.connectMs || isGuardianError(error, 'CONFIG_INVALID')) throw error;
      await sleep(LOOK_MS);
    }
  }
}

function clientOf({ url, connectMs }: OwnershipOptions): Client {
  const client = new Client({
    connectionString: url,
    application_name: 'transaction-guardian owner',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  });
  // What happened comes out of the call, or as the end of the connection.
  client.on('error', () => undefined);
  return client;
}

async function lock(options: OwnershipOptions): Promise<Client> {
  const client = clientOf(options);
  const another = async () => {
    const other = clientOf(options);
    await other.connect();
    return { client: other, end: () => other.end() };
  };
  try {
    await client.connect();
    await requireSession(client, another);
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1::bigint) as taken', [LOCK]);
    if (rows[0]?.taken === true) return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw toServerError(error);
  }
  await client.end().catch(() => undefined);
  throw new GuardianError('STORE_UNAVAILABLE', 'Another guardian has this database: end it, or give each a database of its own.', {
    retryable: true,
    data: { taken: true },
    rule: 'database_taken',
  });
}
