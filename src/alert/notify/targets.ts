import type { Receiver } from './receiver-schema.ts';

/** Whom a receiver reaches, as a key: two receivers with one key are one conversation, mailbox or topic, such as one entry for alerts and
 *  one for escalations to the same chat. A webhook may pass on by the name of the receiver: each is a target of its own. Pure. */
export function receiverTarget(receiver: Receiver): string {
  switch (receiver.kind) {
    case 'telegram':
      return JSON.stringify(['telegram', receiver.api_url, receiver.chat_id, receiver.thread_id ?? null]);
    case 'email':
      return JSON.stringify(['email', receiver.to.toLowerCase()]);
    case 'ntfy':
      return JSON.stringify(['ntfy', receiver.server_url.replace(/\/+$/, ''), receiver.topic]);
    case 'webhook':
      return JSON.stringify(['webhook', receiver.name]);
    default:
      return JSON.stringify([receiver.kind, receiver.url]);
  }
}

/** The first receiver of each target, in order: a notice to all of them must not come twice into one conversation. Pure. */
export function oneOfEachTarget(receivers: readonly Receiver[]): Receiver[] {
  const first = new Map<string, Receiver>();
  for (const receiver of receivers) if (!first.has(receiverTarget(receiver))) first.set(receiverTarget(receiver), receiver);
  return [...first.values()];
}
