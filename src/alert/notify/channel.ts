import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { SendOutcome } from './retry.ts';

/** One attempt to deliver a message. `id` stays the same over repeats of the same message. */
export interface DeliveryAttempt {
  readonly id: string;
  readonly message: Message;
  /** The message of the same group that this receiver took last; undefined for the first one, and where its id is not known. */
  readonly previous?: PreviousMessage | undefined;
}

/** A message that a receiver has. `isShared`: it also speaks of other groups, so it must not be edited. */
export interface PreviousMessage {
  readonly providerMessageId: string;
  readonly message: Message;
  readonly isShared: boolean;
}

/** Renders a message for a receiver and sends it. Never throws; `signal` gives up at once, as a retry. */
export type Send<Settings> = (receiver: Settings, delivery: DeliveryAttempt, signal: AbortSignal) => Promise<SendOutcome>;
