import type { IncidentFigures } from '@transaction-guardian/contracts/incident.ts';
import { PRIORITIES, type Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';
import { timesOf } from './times.ts';
import { isOpen } from './transition.ts';

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
    mean_between_s: mean(gaps(incidents)),
  };
}

/** Seconds without an incident before each one but the first; 0 where they overlap, as with one that is open. */
function gaps(incidents: readonly IncidentRow[]): number[] {
  const sorted = incidents.toSorted((a, b) => begin(a) - begin(b));
  let end: number | null = null;
  const found: number[] = [];
  for (const incident of sorted) {
    if (end !== null) found.push(Math.max(0, (begin(incident) - end) / 1000));
    end = Math.max(end ?? 0, incident.resolved_at ?? Number.POSITIVE_INFINITY);
  }
  return found;
}

const begin = ({ first_bad_minute, opened_at }: IncidentRow): number => first_bad_minute ?? opened_at;

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.round(known.reduce((sum, value) => sum + value, 0) / known.length);
}
