/** Waits for work that cannot be stopped, until the signal aborts: then rejects, and the work is left alone. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new Error('aborted'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  aborted.promise.catch(() => undefined);
  work.catch(() => undefined);
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
