import { setTimeout as delay } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

export interface KeepTryingOptions {
  /** Ends a wait at once. Work under way has to end itself. */
  readonly signal: AbortSignal;
  /** About the first wait, and the longest (milliseconds). */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** Called with each failure before the wait. `failures`: since `work` last got on. */
  readonly onFailure: (error: unknown, trouble: { readonly failures: number; readonly waitMs: number }) => void;
}

/** Begins `work` again after each failure, following a wait that grows with jitter, until it returns or `signal` aborts. Work
 *  that goes on for long says that it got on by calling its argument: then the next wait is the first again. Rejects only
 *  with what `onFailure` throws. */
export async function keepTrying(work: (gotOn: () => void) => Promise<void>, options: KeepTryingOptions): Promise<void> {
  const { signal } = options;
  const backoff = new ExponentialBackoff({ initialDelay: options.retryMs, maxDelay: options.maxRetryMs });
  let wait: IBackoff<unknown> | undefined;
  let failures = 0;
  const gotOn = (): void => {
    wait = undefined;
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      return await work(gotOn);
    } catch (error) {
      if (signal.aborted) return;
      wait = wait === undefined ? backoff.next() : wait.next(undefined);
      failures += 1;
      options.onFailure(error, { failures, waitMs: Math.round(wait.duration) });
      await delay(wait.duration, undefined, { signal }).catch(() => undefined);
    }
  }
}
