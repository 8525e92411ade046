import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { messageOf } from '../../errors.ts';
import { requireSession } from './pool-mode.ts';

export interface RoleLockOptions {
  /** Of the server itself, or of a pool in session mode: the lock belongs to a session. */
  readonly url: string;
  readonly connectMs: number;
  /** Any name; of several processes that ask for the same one, one has it. */
  readonly role: string;
  readonly log: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called once when the lock is lost: what it protects must end at once. */
  readonly onLost: () => void;
  /** Called when `channel` is notified while the lock is held. */
  readonly onNotified?: { readonly channel: string; readonly call: () => void };
  /** The server ends a session of which it has not heard for so long (default 15 000 ms): a process that is frozen, or cut off from
   *  the server, has lost the lock by then. */
  readonly leaseMs?: number;
  /** Between two tries (default 500 ms). */
  readonly retryMs?: number;
}

/** A lock that is held. */
export interface RoleLock {
  /** False as soon as it is known to be lost. */
  isHeld(): boolean;
  release(): Promise<void>;
}

const LEASE_MS = 15_000;
const RETRY_MS = 500;
/** First half of the key of each advisory lock; any number that nobody else locks. */
const SPACE = 5_284_773;
/** Signs of life in a lease. */
const SIGNS = 5;

/** Waits for a role and takes it: an advisory lock on a session of its own, which ends with the process, with the network between the two,
 *  and with a process that is frozen. Null when `signal` aborts first. A server that is away is waited for. */
export async function takeRoleLock(options: RoleLockOptions): Promise<RoleLock | null> {
  const { log, role, signal, retryMs = RETRY_MS } = options;
  let isSaid = false;
  while (!signal.aborted) {
    try {
      const client = await connect(options);
      try {
        if (await waitForLock(client, options)) return await hold(client, options);
      } catch (error) {
        await end(client);
        throw error;
      }
      await end(client);
    } catch (error) {
      if (!isSaid) log.warn({ role, reason: messageOf(error) }, 'database server does not grant the role lock yet, retrying');
      isSaid = true;
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

async function connect(options: RoleLockOptions): Promise<Client> {
  const client = clientOf(options);
  const another = async () => {
    const other = clientOf(options);
    await other.connect();
    return { client: other, end: () => end(other) };
  };
  try {
    await client.connect();
    await requireSession(client, another);
    await client.query(`set idle_session_timeout = ${Math.round(options.leaseMs ?? LEASE_MS)}; set statement_timeout = 0`);
    return client;
  } catch (error) {
    await end(client);
    throw error;
  }
}

function clientOf({ url, connectMs, role, leaseMs = LEASE_MS }: RoleLockOptions): Client {
  const client = new Client({
    connectionString: url,
    application_name: `transaction-guardian ${role}`,
    connectionTimeoutMillis: connectMs,
    query_timeout: leaseMs / 3,
    keepAlive: true,
  });
  // What happened comes out of the call, or as the end of the connection.
  client.on('error', () => undefined);
  return client;
}

/** False when the waiting was ended. */
async function waitForLock(client: Client, { role, signal, log, retryMs = RETRY_MS }: RoleLockOptions): Promise<boolean> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1::int, hashtext($2)) as taken', [SPACE, role]);
    if (rows[0]?.taken === true) return true;
    if (tries === 0) log.info({ role }, 'another process has the role: standing by');
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function hold(client: Client, { role, log, leaseMs = LEASE_MS, onLost, onNotified }: RoleLockOptions): Promise<RoleLock> {
  let state: 'held' | 'lost' | 'released' = 'held';
  const lose = (reason: string): void => {
    if (state !== 'held') return;
    state = 'lost';
    clearInterval(timer);
    log.error({ role, reason }, 'role lock lost');
    void end(client);
    onLost();
  };
  const sign = (): void => void client.query('select 1').catch((error: unknown) => lose(messageOf(error)));
  const timer = setInterval(sign, leaseMs / SIGNS);
  client.once('end', () => lose('the connection ended'));
  if (onNotified !== undefined) {
    client.on('notification', () => onNotified.call());
    await client.query(`listen ${onNotified.channel}`);
  }
  log.info({ role }, 'role taken');
  return {
    isHeld: () => state === 'held',
    async release() {
      if (state !== 'held') return;
      state = 'released';
      clearInterval(timer);
      await end(client);
    },
  };
}

/** An end that the server does not answer is not waited for. */
const END_MS = 2000;

async function end(client: Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), sleep(END_MS, undefined, { ref: false })]);
}
