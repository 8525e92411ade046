import type { HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import { failureReason } from '../../errors.ts';
import type { BreakerState } from '../receiver-breaker.ts';
import type { SendOutcome } from './retry.ts';

/** How a receiver is doing since this process started. Times are epoch milliseconds. */
export interface ReceiverHealth {
  readonly receiver: string;
  readonly lastDeliveredAt: number | null;
  /** When the first of the sends that failed since the last delivery failed; null while it works. */
  readonly failingSince: number | null;
  readonly lastError: string | null;
  /** Where sends go through one. */
  readonly breaker?: BreakerState;
}

/** The health of all receivers. */
export interface ReceiverHealthTracker {
  note(receiver: string, outcome: SendOutcome, now: number): void;
  all(): readonly ReceiverHealth[];
}

/** Keeps the health of receivers. */
export function createReceiverHealth(receivers: readonly string[]): ReceiverHealthTracker {
  const states = new Map<string, ReceiverHealth>(
    receivers.map((receiver) => [receiver, { receiver, lastDeliveredAt: null, failingSince: null, lastError: null }]),
  );
  return {
    note: (receiver, outcome, now) => {
      const before = states.get(receiver);
      if (before === undefined) return;
      if (outcome.kind === 'delivered') states.set(receiver, { receiver, lastDeliveredAt: now, failingSince: null, lastError: null });
      else states.set(receiver, { ...before, failingSince: before.failingSince ?? now, lastError: outcome.error });
    },
    all: () => [...states.values()],
  };
}

/** Since when a receiver fails, and with what. */
export function failingReason({ receiver, failingSince, lastError }: ReceiverHealth): HealthReason {
  const since = new Date(failingSince ?? 0).toISOString();
  return { code: 'part_receiver_failing', params: { receiver, since }, cause: failureReason(lastError ?? '') };
}
