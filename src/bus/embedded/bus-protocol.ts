import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { WireError } from '../../wire/wire-error.ts';
import type { OutRecord, SubscribeOptions } from '../bus.ts';

/** What a client asks of the owner of the log. `id` is chosen by it; `subscription` is the id of the `subscribe` that made it. */
export type BusRequest =
  | { readonly id: number; readonly kind: 'publish'; readonly topic: Topic; readonly records: readonly OutRecord[] }
  | { readonly id: number; readonly kind: 'subscribe'; readonly options: Omit<SubscribeOptions, 'position'> }
  | { readonly id: number; readonly kind: 'next'; readonly subscription: number; readonly timeoutMs?: number | undefined }
  | { readonly id: number; readonly kind: 'leave'; readonly subscription: number }
  | { readonly id: number; readonly kind: 'ranges'; readonly topic: Topic }
  | { readonly id: number; readonly kind: 'offset_at'; readonly topic: Topic; readonly partition: number; readonly timeMs: number };

/** The client's answer to `position`. */
export type PositionAnswer =
  | { readonly kind: 'position'; readonly asked: number; readonly position: number | 'earliest' | 'latest' }
  | { readonly kind: 'position'; readonly asked: number; readonly error: WireError };

/** What the owner says: answers, the question where a subscription begins, and that the assignment of the last batch of a
 *  subscription does not stand any more. */
export type BusMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError }
  | {
      readonly kind: 'position';
      readonly asked: number;
      readonly subscription: number;
      readonly partition: number;
      readonly generation: number;
    }
  | { readonly kind: 'moved'; readonly subscription: number; readonly generation: number };
