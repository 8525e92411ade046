import { INCIDENT_STATES, OPEN_STATES, type IncidentState } from '@transaction-guardian/contracts/incident-state.ts';

/** Whether somebody still has to act. */
export const isOpen = (state: IncidentState): boolean => OPEN_STATES.includes(state);

/** Whether an incident may go from one state to another: forwards, over any, or back to `responding` once it is resolved. A
 *  review begins when the incident is resolved. */
export function mayGo(from: IncidentState, to: IncidentState): boolean {
  if (to === 'postmortem') return from === 'resolved';
  if (to === 'responding' && !isOpen(from)) return true;
  return isOpen(from) && INCIDENT_STATES.indexOf(to) > INCIDENT_STATES.indexOf(from);
}
