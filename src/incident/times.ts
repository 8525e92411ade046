import type { IncidentTimes } from '@transaction-guardian/contracts/incident.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';

type Steps = Pick<IncidentRow, 'first_bad_minute' | 'detected_at' | 'delivered_at' | 'acknowledged_at' | 'resolved_at' | 'opened_at'>;

/** Seconds from one step of the response to another, null where one of them did not happen. A clock that was set back gives 0, not less.
 *  Without an alert nothing was detected and so nothing acknowledged: whoever opened the incident knew of it before, as of an alert that
 *  came later. Not 0, which would count as the fastest answer. */
export function timesOf(steps: Steps): IncidentTimes {
  const { first_bad_minute, detected_at, delivered_at, acknowledged_at, resolved_at } = steps;
  const isAnswer = detected_at !== null && acknowledged_at !== null && acknowledged_at >= detected_at;
  return {
    to_detect_s: between(first_bad_minute, detected_at),
    to_deliver_s: between(detected_at, delivered_at),
    to_acknowledge_s: isAnswer ? between(detected_at, acknowledged_at) : null,
    to_resolve_s: between(beginOf(steps), resolved_at),
  };
}

/** When it began: the first bad minute, or when somebody opened it before any; epoch milliseconds. */
export function beginOf({ first_bad_minute, opened_at }: Pick<Steps, 'first_bad_minute' | 'opened_at'>): number {
  return Math.min(first_bad_minute ?? opened_at, opened_at);
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / 1000));
}
