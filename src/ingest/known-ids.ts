import { circuitBreaker, ConsecutiveBreaker, handleWhen, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import type { Logger } from 'pino';
import { isGuardianError, messageOf } from '../errors.ts';

/** Which ids the store has, with the content hash of each. `isWhole`: an id that is neither among them nor in memory is not on
 *  the log either. */
export interface KnownAnswer {
  readonly known: ReadonlyMap<string, string>;
  readonly isWhole: boolean;
}

/** Asks the store which of the ids it has. May fail or be slow. */
export type KnownIds = (ids: readonly string[]) => Promise<KnownAnswer>;

export interface KnownIdsOptions {
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** How long the store is left alone after five failures in a row. */
  readonly pauseMs: number;
}

/** The same, with null where the store did not say. Never rejects. */
export type GuardedKnownIds = (ids: readonly string[]) => Promise<KnownAnswer | null>;

const FAILURES_BEFORE_PAUSE = 5;
/** A program that is starting knows that it cannot say: its first answers must not be paused for. */
const isFailure = handleWhen((error) => !isGuardianError(error, 'APP_STARTING'));

/** Makes the question harmless: a store that is slow or down is not waited for, and is left alone for a while. Counting once
 *  does not depend on it, since the store drops duplicates itself; only what the sender is answered does. */
export function guardKnownIds(knownIds: KnownIds, log: Logger, options: KnownIdsOptions): GuardedKnownIds {
  const breaker = circuitBreaker(isFailure, { halfOpenAfter: options.pauseMs, breaker: new ConsecutiveBreaker(FAILURES_BEFORE_PAUSE) });
  // A trial after a pause that fails breaks again: the same outage, which was reported.
  let isLogged = false;
  breaker.onBreak(() => {
    if (!isLogged)
      log.warn({ pause_ms: options.pauseMs }, 'duplicate lookup failed: circuit breaker open, duplicates not reported to clients');
    isLogged = true;
  });
  breaker.onReset(() => {
    isLogged = false;
    log.info('duplicate lookup recovered: circuit breaker closed');
  });
  const policy = wrap(breaker, timeout(options.timeoutMs, TimeoutStrategy.Aggressive));
  return async (ids) => {
    try {
      return await policy.execute(() => knownIds(ids));
    } catch (error) {
      log.debug({ reason: messageOf(error), ids: ids.length }, 'duplicate lookup failed');
      return null;
    }
  };
}
