import type { IncidentFigures } from '@transaction-guardian/contracts/incident.ts';
import { PRIORITIES, type Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';
import { beginOf, timesOf } from './times.ts';
import { isOpen } from './transition.ts';

const SECOND_MS = 1000;

/** MTTD, MTTA, MTTR and MTBF of incidents, for each priority and for all; a step that has not happened is left out of its mean. */
export function incidentFigures(incidents: readonly IncidentRow[]): IncidentFigures[] {
  return [...PRIORITIES, null].map((priority) =>
    figures(
      priority,
      incidents.filter((incident) => priority === null || incident.priority === priority),
    ),
  );
}

function figures(priority: Priority | null, incidents: readonly IncidentRow[]): IncidentFigures {
  const times = incidents.map(timesOf);
  return {
    priority,
    count: incidents.length,
    open: incidents.filter(({ state }) => isOpen(state)).length,
    mean_to_detect_s: mean(times.map(({ to_detect_s }) => to_detect_s)),
    mean_to_deliver_s: mean(times.map(({ to_deliver_s }) => to_deliver_s)),
    mean_to_acknowledge_s: mean(times.map(({ to_acknowledge_s }) => to_acknowledge_s)),
    mean_to_resolve_s: mean(times.map(({ to_resolve_s }) => to_resolve_s)),
    mean_between_s: mean(upTimes(incidents)),
  };
}

/** Seconds of up time between failures: the mean of them is the MTBF of IEC 60050-192 (192-05-13, mean operating time between failures),
 *  which leaves out down time. Incidents that overlap or follow each other within a second are one failure, which goes on while one of them
 *  is open. None for fewer than two failures. */
function upTimes(incidents: readonly IncidentRow[]): number[] {
  const found: number[] = [];
  let end: number | null = null;
  for (const { begin, until } of incidents.map(downTime).toSorted((a, b) => a.begin - b.begin)) {
    if (end !== null && begin - end >= SECOND_MS) found.push((begin - end) / SECOND_MS);
    end = Math.max(end ?? until, until);
  }
  return found;
}

/** When a failure began, and when it was over: never, for one that is open. A clock that was set back gives no end before the beginning. */
function downTime(incident: IncidentRow): { readonly begin: number; readonly until: number } {
  const begin = beginOf(incident);
  return { begin, until: isOpen(incident.state) ? Number.POSITIVE_INFINITY : Math.max(begin, incident.resolved_at ?? begin) };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.round(known.reduce((sum, value) => sum + value, 0) / known.length);
}
