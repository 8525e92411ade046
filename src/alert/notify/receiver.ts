import type { Clock } from '../../clock.ts';
import type { Send } from './channel.ts';
import type { WebhookReceiver } from './webhook/config.ts';
import { createWebhookSend } from './webhook/send.ts';

/** A configured receiver of any channel; `kind` names the channel. */
export type Receiver = WebhookReceiver;

/** Makes the send of every channel. */
export function createSend(clock: Clock): Send<Receiver> {
  const channels = { webhook: createWebhookSend(clock) };
  return (receiver, delivery, signal) => channels[receiver.kind](receiver, delivery, signal);
}
