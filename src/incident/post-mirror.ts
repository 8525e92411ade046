import { failureOf } from '../errors.ts';
import { withoutAddress } from '../telemetry/redact.ts';
import type { PostMirror } from './mirror.ts';

const TIMEOUT_MS = 10_000;

/** Posts JSON to a tracker; the id goes as `Idempotency-Key`. Never follows a redirect, and never reveals the address. */
export function createPostMirror(target: { readonly url: string; readonly authorization?: string | undefined }): PostMirror {
  return async (id, body, signal) => {
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'transaction-guardian/2',
          'idempotency-key': id,
          ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
        },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response.ok ? null : `HTTP ${response.status}`;
    } catch (error) {
      return withoutAddress(failureOf(error));
    }
  };
}
