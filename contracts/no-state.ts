import type { AlertState } from './alert-state.ts';

/** Of an alert that nothing keeps from notifying people. Apart from the schemas, for threads and pages that need no validator. */
export const NO_STATE: AlertState = {
  acknowledged_by: null,
  acknowledged_at: null,
  acknowledged_until: null,
  snoozed_by: null,
  snoozed_until: null,
  silenced_by: [],
  inhibited_by: [],
};
