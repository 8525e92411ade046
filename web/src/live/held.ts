import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';

/** Order of alerts for a reader: 0 notifies, 1 is acknowledged, 2 is hidden (snoozed, silenced or inhibited). */
export function heldRank(state: AlertState): 0 | 1 | 2 {
  if (state.snoozed_until !== null || state.silenced_by.length > 0 || state.inhibited_by.length > 0) return 2;
  return state.acknowledged_by === null ? 0 : 1;
}

/** True when something keeps an alert from notifying. */
export const isHeld = (state: AlertState): boolean => heldRank(state) > 0;
