/** States of an incident, in their order. `postmortem`: its review is being written. */
export const INCIDENT_STATES = ['detected', 'triaged', 'responding', 'resolved', 'postmortem'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** States in which somebody still has to act. */
export const OPEN_STATES: readonly IncidentState[] = ['detected', 'triaged', 'responding'];

/** Where an incident may go from a state: forwards, over any, or back to `responding` once it is resolved. A review begins when the
 *  incident is resolved. */
export const NEXT_STATES: Readonly<Record<IncidentState, readonly Exclude<IncidentState, 'detected'>[]>> = {
  detected: ['triaged', 'responding', 'resolved'],
  triaged: ['responding', 'resolved'],
  responding: ['resolved'],
  resolved: ['postmortem', 'responding'],
  postmortem: ['responding'],
};

/** P1 is the most urgent. */
export const PRIORITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a timeline records. */
export const ENTRY_KINDS = [
  'opened',
  'alert_joined',
  'alert_resolved',
  'message_delivered',
  'act',
  'runbook_run',
  'note',
  'state_changed',
  'priority_changed',
  'owner_changed',
  'title_changed',
  'snapshot',
  'resolved_by_itself',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export const MAX_INCIDENT_TITLE = 200;
export const MAX_INCIDENT_NOTE = 4000;
