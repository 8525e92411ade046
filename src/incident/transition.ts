import { NEXT_STATES, OPEN_STATES, type IncidentState } from '@transaction-guardian/contracts/incident-state.ts';

/** Whether somebody still has to act. */
export const isOpen = (state: IncidentState): boolean => OPEN_STATES.includes(state);

/** Whether an incident may go from one state to another. */
export const mayGo = (from: IncidentState, to: IncidentState): boolean => NEXT_STATES[from].some((next) => next === to);
