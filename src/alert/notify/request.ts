import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { withoutAddress } from '../../telemetry/redact.ts';
import { outcomeOf, type FailedSend } from './retry.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;
const AGENT = 'transaction-guardian/2';

/** A request to a channel. `body`: sent as JSON. */
export interface ChannelRequest {
  readonly url: string;
  readonly method?: 'POST' | 'PATCH' | 'GET' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Longest answer that is read (default 64 KiB). */
  readonly maxAnswerBytes?: number;
}

/** An answer with 2xx, with its body; or why there is none. `status` and `body`: of an answer that is no success. */
export type ChannelAnswer =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly failure: FailedSend; readonly status: number | null; readonly body: string };

/** Asks a channel: no redirects, 10 s. Never throws; no error has an address, which is a secret. */
export async function askChannel(clock: Clock, request: ChannelRequest, signal: AbortSignal): Promise<ChannelAnswer> {
  try {
    const response = await fetch(request.url, {
      method: request.method ?? 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { 'user-agent': AGENT, ...(request.body === undefined ? {} : { 'content-type': 'application/json' }), ...request.headers },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const body = await readSome(response, request.maxAnswerBytes ?? MAX_ANSWER_BYTES);
    const outcome = outcomeOf(response.status, response.headers.get('retry-after'), clock.now());
    return outcome.kind === 'delivered' ? { ok: true, body } : { ok: false, failure: outcome, status: response.status, body };
  } catch (error) {
    return {
      ok: false,
      failure: { kind: 'retry', error: reasonOf(error), afterMs: 0, mayHaveArrived: mayHaveArrived(error) },
      status: null,
      body: '',
    };
  }
}

/** The text of an answer, cut: a body that is not read keeps the connection busy, and an endless one would fill the memory. */
async function readSome(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An address with a path below it; what it has of a query, as the `thread_id` of Discord, stays. */
export function addressBelow(url: string, path: string, query: Readonly<Record<string, string>> = {}): string {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\/+$/, '') + path;
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}

/** An answer's JSON object; empty for anything else. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** No connection, so nothing was sent. */
const NEVER_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

/** Whether a request without an answer may have been taken: all but those that never had a connection. */
function mayHaveArrived(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return !(cause instanceof Error && NEVER_SENT.has(causeCode(cause)));
}

/** Why a request did not get an answer: fetch hides the cause one level down. Never with an address, which is a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return withoutAddress(messageOf(error));
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause: unknown = error.cause;
  return withoutAddress(cause instanceof Error ? causeCode(cause) : error.message);
}

function causeCode(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
