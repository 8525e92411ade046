import { LOCALES, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../clock.ts';
import type { Send } from './channel.ts';
import { createDiscordSend } from './discord/send.ts';
import { createEmailSend } from './email/send.ts';
import { createNtfySend } from './ntfy/send.ts';
import type { Receiver } from './receiver-schema.ts';
import { createSlackSend } from './slack/send.ts';
import { createTelegramSend } from './telegram/send.ts';
import { createWebhookSend } from './webhook/send.ts';

/** Makes the send of every channel. `locale`: of the fixed words of messages to receivers that have no language. */
export function createSend(clock: Clock, locale: Locale): Send<Receiver> {
  const sends = new Map(LOCALES.map((one) => [one, createSendIn(clock, one)]));
  return (receiver, delivery, signal) => {
    const send = sends.get(receiver.language ?? locale);
    if (send === undefined) throw new Error('every language has a send');
    return send(receiver, delivery, signal);
  };
}

function createSendIn(clock: Clock, locale: Locale): Send<Receiver> {
  const channels: { readonly [Kind in Receiver['kind']]: Send<Extract<Receiver, { kind: Kind }>> } = {
    webhook: createWebhookSend(clock),
    telegram: createTelegramSend(clock, locale),
    slack: createSlackSend(clock, locale),
    discord: createDiscordSend(clock, locale),
    email: createEmailSend(locale),
    ntfy: createNtfySend(clock, locale),
  };
  // The table gives each kind the send of its own settings, which the compiler cannot follow through the union.
  return (receiver, delivery, signal) => (channels[receiver.kind] as Send<Receiver>)(receiver, delivery, signal);
}

/** Where a receiver is: what is connected to, and how it may be shown. */
export function endpointOf(receiver: Receiver): URL {
  switch (receiver.kind) {
    case 'telegram':
      return new URL(receiver.api_url);
    case 'ntfy':
      return new URL(receiver.server_url);
    case 'email':
      return new URL(`smtp://${receiver.host}:${receiver.port}`);
    default:
      return new URL(receiver.url);
  }
}

/** Whether many groups that are due at once go out as one message: a chat is read by people, while a webhook takes each group by its
 *  key. */
export const takesManyGroups = ({ kind }: Receiver): boolean => kind !== 'webhook';

/** Whether a success of the receiver proves that the message arrived. One that hands it on says so by a receipt. */
export const answersAreProof = (receiver: Receiver): boolean => receiver.kind !== 'webhook' || !receiver.receipts;
