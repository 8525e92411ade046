import { withReason, type FailedSend } from '../alert/notify/retry.ts';
import { askChannel } from '../alert/notify/request.ts';
import { targetOf } from '../alert/notify/webhook/target.ts';
import type { Clock } from '../clock.ts';
import type { AlertmanagerTarget } from './config.ts';

/** An alert as `POST /api/v2/alerts` takes it. */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** How a call ended: with the JSON of the answer (null for an empty one), or as a send that failed. */
export type ApiAnswer = { readonly kind: 'delivered'; readonly body: unknown } | FailedSend;

/** Silences stay in the list for days after their end. */
const MAX_ANSWER_BYTES = 16 * 1_048_576;

/** Calls the API v2 of an Alertmanager: JSON, bearer token or basic credentials, no redirects, 10 s. Never throws, and no error
 *  holds the address. `path`: below `/api/v2`. */
export async function callAlertmanager(
  target: Pick<AlertmanagerTarget, 'url' | 'token'>,
  call: { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly body?: unknown },
  { clock, signal = new AbortController().signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<ApiAnswer> {
  const { url, authorization } = targetOf(target);
  const headers = authorization === undefined ? {} : { headers: { authorization } };
  const request = { ...call, ...headers, url: `${url.replace(/\/+$/, '')}/api/v2${call.path}`, maxAnswerBytes: MAX_ANSWER_BYTES };
  const answer = await askChannel(clock, request, signal);
  // It says what is wrong with a request in one JSON string.
  if (!answer.ok) return withReason(answer.failure, parsed(answer.body));
  if (answer.body === '') return { kind: 'delivered', body: null };
  const body = parsed(answer.body);
  return body === undefined ? { kind: 'refused', error: 'an answer that is not JSON' } : { kind: 'delivered', body };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
