import { setTimeout as delay } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import { systemClock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';

export interface RetryConflictsOptions {
  /** No new attempt begins so long after the first, milliseconds (default 5000). */
  readonly deadlineMs?: number;
  readonly monotonic?: () => number;
}

const FIRST_MS = 10;
const MOST_MS = 500;
/** Serialization failure and deadlock: the server has undone everything, and the same may work a moment later. */
const CONFLICTS = new Set(['40001', '40P01']);

/** True when the database gave way to somebody else's transaction. */
export function isConflict(error: unknown): boolean {
  return isGuardianError(error, 'STORE_UNAVAILABLE') && CONFLICTS.has(String(error.data['sqlState']));
}

/** Does `work` again when the database gave way to another transaction, after a wait that grows with jitter, until the deadline; then
 *  throws what the last attempt threw. `work` must leave nothing outside of the database, and be whole: a statement or a transaction. */
export async function retryConflicts<T>(work: () => Promise<T>, options: RetryConflictsOptions = {}): Promise<T> {
  const { deadlineMs = 5000, monotonic = systemClock.monotonic } = options;
  const end = monotonic() + deadlineMs;
  const backoff = new ExponentialBackoff({ initialDelay: FIRST_MS, maxDelay: MOST_MS });
  let wait: IBackoff<unknown> | undefined;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      wait = wait === undefined ? backoff.next() : wait.next(undefined);
      if (!isConflict(error) || monotonic() + wait.duration >= end) throw error;
      await delay(wait.duration);
    }
  }
}
