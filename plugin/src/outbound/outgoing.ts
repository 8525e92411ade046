import type { Line } from '../render/line.ts';
import type { ThreadTarget, Target } from '../settings.ts';

/** A button: `value` comes back in a click, or stands for what to write where there are no buttons. */
export interface Button {
  readonly label: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
}

/** A message before its channel's markup. */
export interface Outgoing {
  readonly lines: readonly Line[];
  readonly buttons?: readonly Button[];
  /** Id of the message that it answers. */
  readonly replyTo?: string;
  /** Paths of pictures. */
  readonly pictures?: readonly string[];
}

/** What became of a message. `held`: the gateway's queue has it, and delivers it when the channel is back. `mayHaveArrived`: the channel
 *  was asked and did not answer. */
export type OutboundOutcome =
  | { readonly kind: 'sent'; readonly messageId: string | null }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly error: string; readonly mayHaveArrived: boolean };

/** Sends messages, and changes those that were sent. */
export interface Outbound {
  send(target: ThreadTarget, message: Outgoing): Promise<OutboundOutcome>;
  /** False where the channel cannot, or did not take it. */
  edit(target: Target, messageId: string, message: Outgoing): Promise<boolean>;
  /** Whether messages of a channel can be changed. */
  canEdit(channel: string): boolean;
}
