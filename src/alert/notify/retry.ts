/** What the channel answered for a message that it took: its id there, null where the channel gives none, and whom it went to. */
export interface ChannelReceipt {
  readonly to: string;
  readonly providerMessageId: string | null;
}

/** How one send ended. `refused`: an answer that the receiver has to mend (a token, an address, a proxy); `retry`: anything
 *  else that may work later; `afterMs`: the receiver asked for at least this long; `mayHaveArrived`: there is no answer, so the receiver
 *  may have the message. Both are sent again. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly receipt?: ChannelReceipt }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'retry'; readonly error: string; readonly afterMs: number; readonly mayHaveArrived?: boolean };

/** A send that did not succeed. */
export type FailedSend = Exclude<SendOutcome, { kind: 'delivered' }>;

/** Most of what a channel says of a failure. */
const REASON_MOST = 200;

/** The failure with what the channel itself says of it, where that is a text. Pure. */
export function withReason<Failure extends FailedSend>(failure: Failure, reason: unknown): Failure {
  return typeof reason === 'string' && reason !== '' ? { ...failure, error: `${failure.error}: ${reason.slice(0, REASON_MOST)}` } : failure;
}

/** The failure with the wait that the channel asks for in its answer, in seconds, an hour at most; one that has to be mended waits as it
 *  does. Pure. */
export function withWait(failure: FailedSend, seconds: unknown): FailedSend {
  if (failure.kind === 'refused' || typeof seconds !== 'number' || !(seconds > 0)) return failure;
  const askedMs = Math.ceil(Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS));
  return { ...failure, afterMs: Math.max(failure.afterMs, askedMs) };
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** What an HTTP status means: 2xx arrived; 408, 429 and everything from 500 is a fault that passes; the rest, redirects
 *  included, is a refusal. `now` epoch milliseconds, for a `Retry-After` that is a date. Pure. */
export function outcomeOf(status: number, retryAfter: string | null, now: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const error = `HTTP ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    // A gateway that gave up does not know what became of the request.
    const unknown = status === 504 ? { mayHaveArrived: true } : {};
    return { kind: 'retry', error, afterMs: retryAfterMs(retryAfter, now), ...unknown };
  }
  return { kind: 'refused', error };
}

/** Milliseconds that a `Retry-After` header asks for, at most an hour; 0 for none or nonsense. Pure. */
export function retryAfterMs(header: string | null, now: number): number {
  const value = header?.trim() ?? '';
  if (value === '') return 0;
  const wanted = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wanted) ? 0 : Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, Math.round(wanted)));
}

/** Wait after a send that did not succeed: `backoff`, yet no longer than the group interval, when Alertmanager would send
 *  its next message; or as long as the receiver asks, yet no longer than the repeat interval. Milliseconds. Pure. */
export function waitAfter(
  outcome: FailedSend,
  backoff: number,
  times: { readonly groupIntervalMs: number; readonly repeatIntervalMs: number },
): number {
  const asked = outcome.kind === 'retry' ? Math.min(outcome.afterMs, times.repeatIntervalMs) : 0;
  return Math.max(asked, Math.min(backoff, Math.max(FIRST_DELAY_MS, times.groupIntervalMs)));
}

/** Wait after send number `attempts` (1 is the first): doubles from a second to a minute; `random` in [0, 1) takes up to
 *  half of it away, so that receivers that come back are not met by all at once. Pure. */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(30, Math.max(0, attempts - 1)));
  return Math.round(full * (1 - random / 2));
}
