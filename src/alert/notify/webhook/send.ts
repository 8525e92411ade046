import type { Clock } from '../../../clock.ts';
import { messageOf } from '../../../errors.ts';
import { withoutAddress } from '../../../telemetry/redact.ts';
import type { Send } from '../channel.ts';
import { outcomeOf } from '../retry.ts';
import type { WebhookReceiver } from './config.ts';
import { webhookPayload } from './payload.ts';
import { targetOf } from './target.ts';

/** Header with the stable id of a message; a repeat of the same message carries the same id. */
const NOTIFICATION_ID_HEADER = 'X-Guardian-Notification-Id';

const TIMEOUT_MS = 10_000;

/** Sends messages as Alertmanager's webhook does: POST, JSON, bearer token or basic credentials, no redirects, 10 s. */
export function createWebhookSend(clock: Clock): Send<WebhookReceiver> {
  return async (receiver, delivery, signal) => {
    try {
      const { url, authorization } = targetOf(receiver);
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'transaction-guardian/2',
          [NOTIFICATION_ID_HEADER]: delivery.id,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify(webhookPayload(delivery.message)),
      });
      // The answer's text is of no use, yet a body that is not read keeps the connection busy.
      await response.body?.cancel();
      return outcomeOf(response.status, response.headers.get('retry-after'), clock.now());
    } catch (error) {
      return { kind: 'retry', error: reasonOf(error), afterMs: 0 };
    }
  };
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
