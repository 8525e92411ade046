import type { App } from '../app/app.ts';
import { isGuardianError } from '../errors.ts';
import { keepTrying } from '../retry.ts';

/** Resolves when everything accepted before the call is counted, judged and made into alerts, also when the part that does it is started
 *  again meanwhile; or when `signal` aborts. Throws what does not pass with time. */
export async function drainedThrough(app: Pick<App, 'drained'>, signal: AbortSignal, retryMs = 250): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const onFailure = (error: unknown): void => {
    if (!isGuardianError(error) || !error.retryable) throw error;
  };
  await Promise.race([keepTrying(() => app.drained(), { signal, retryMs, maxRetryMs: 20 * retryMs, onFailure }), aborted]);
}
