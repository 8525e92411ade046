import type { Clock } from '../../../clock.ts';
import { messageOf } from '../../../errors.ts';
import { withoutAddress } from '../../../telemetry/redact.ts';
import type { Send } from '../channel.ts';
import { askChannel } from '../request.ts';
import type { WebhookReceiver } from './config.ts';
import { webhookPayload } from './payload.ts';
import { targetOf } from './target.ts';

/** Headers with the stable id of a message; a repeat of the same message carries the same id. The first is what a receipt names, the
 *  second what earlier releases sent. */
const ID_HEADERS = ['x-guardian-notification', 'x-guardian-notification-id'] as const;

/** Sends messages as Alertmanager's webhook does: POST, JSON, bearer token or basic credentials, no redirects, 10 s. */
export function createWebhookSend(clock: Clock): Send<WebhookReceiver> {
  return async (receiver, delivery, signal) => {
    try {
      const { url, authorization } = targetOf(receiver);
      const ids = Object.fromEntries(ID_HEADERS.map((name) => [name, delivery.id]));
      const headers = { ...ids, ...(authorization === undefined ? {} : { authorization }) };
      const answer = await askChannel(clock, { url, headers, body: webhookPayload(delivery.message) }, signal);
      return answer.ok ? { kind: 'delivered' } : answer.failure;
    } catch (error) {
      return { kind: 'retry', error: withoutAddress(messageOf(error)), afterMs: 0 };
    }
  };
}
