import { randomInt } from 'node:crypto';
import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import { createClient } from '@redis/client';
import { timeout, TimeoutStrategy } from 'cockatiel';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createBreaker } from '../breaker.ts';
import { failureReason, GuardianError, messageOf } from '../errors.ts';
import type { StageHealth } from '../stage.ts';

export interface RedisOptions {
  /** `redis[s]://user:password@host:port/database`; a secret. */
  readonly url: string;
  /** Before the name of every key: several installations may share a server. */
  readonly prefix: string;
  /** Longest wait for a connection, and for an answer, milliseconds. */
  readonly connectMs: number;
  readonly commandMs: number;
  /** How long the server is left alone after five failures in a row (default 2 000 ms). */
  readonly pauseMs?: number;
  readonly log: Logger;
  readonly metrics: Registry;
}

type Client = ReturnType<typeof makeClient>;

/** A Redis server that may be away, slow or full at any time. */
export interface Redis {
  /** Sends commands. Throws REDIS_UNAVAILABLE (retryable) when the server does not answer in time or refuses; at once while it is left alone. */
  run<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Degraded while the last answer was a failure, or none has come. */
  health(): StageHealth;
  close(): Promise<void>;
}

const LONGEST_RECONNECT_MS = 5000;
/** Notices a connection that ended without a word. */
const PING_MS = 5000;
const MOST_WAITING = 10_000;

/** Connects in the background and again after every loss. Never throws for a server that is away: who asks gets REDIS_UNAVAILABLE and
 *  goes on without it. */
export function openRedis(options: RedisOptions): Redis {
  const { log } = options;
  const client = makeClient(options);
  const breaker = createBreaker({ dependency: 'redis', log, metrics: options.metrics, pauseMs: options.pauseMs });
  const patience = timeout(options.commandMs, TimeoutStrategy.Aggressive);
  let trouble: HealthFact | null = { code: 'part_redis_connecting', params: {} };
  let isLogged = false;

  function fail(error: unknown): void {
    const reason = messageOf(error);
    trouble = failureReason(error);
    if (!isLogged) log.warn({ reason }, 'redis unavailable: the process goes on with what it knows itself');
    isLogged = true;
  }
  function succeed(): void {
    if (isLogged) log.info('redis answers again');
    [trouble, isLogged] = [null, false];
  }
  client.on('error', (error: unknown) => fail(error));
  client.connect().then(succeed, fail);
  const pinging = setInterval(() => void run((at) => at.ping()).catch(() => undefined), PING_MS).unref();

  async function run<T>(work: (at: Client) => Promise<T>): Promise<T> {
    try {
      const answer = await breaker.run(
        () => patience.execute(() => work(client)),
        (reason) => new Error(reason),
      );
      succeed();
      return answer;
    } catch (error) {
      fail(error);
      throw new GuardianError('REDIS_UNAVAILABLE', `Redis did not answer: ${messageOf(error)}.`, { retryable: true, cause: error });
    }
  }

  return {
    run,
    health: () => (trouble === null ? { status: 'ok' } : { status: 'degraded', reasons: [trouble] }),
    async close() {
      clearInterval(pinging);
      client.destroy();
    },
  };
}

function makeClient({ url, prefix, connectMs }: RedisOptions) {
  return createClient({
    url,
    keyPrefix: prefix,
    name: 'transaction-guardian',
    // Nobody waits for a server that is away.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (retries) => randomInt(50, Math.min(LONGEST_RECONNECT_MS, 100 * 2 ** Math.min(retries, 10))),
    },
  });
}
