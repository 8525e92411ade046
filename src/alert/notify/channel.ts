import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { SendOutcome } from './retry.ts';

/** One attempt to deliver a message. `id` stays the same over repeats of the same message. */
export interface Delivery {
  readonly id: string;
  readonly message: Message;
}

/** Renders a message for a receiver and sends it. Never throws; `signal` gives up at once, as a retry. */
export type Send<Settings> = (receiver: Settings, delivery: Delivery, signal: AbortSignal) => Promise<SendOutcome>;
