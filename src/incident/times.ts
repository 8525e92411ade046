import type { IncidentTimes } from '@transaction-guardian/contracts/incident.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';

type Steps = Pick<IncidentRow, 'first_bad_minute' | 'detected_at' | 'delivered_at' | 'acknowledged_at' | 'resolved_at' | 'opened_at'>;

/** Seconds from one step of the response to another. A clock that was set back gives 0, not less. */
export function timesOf({ first_bad_minute, detected_at, delivered_at, acknowledged_at, resolved_at, opened_at }: Steps): IncidentTimes {
  return {
    to_detect_s: between(first_bad_minute, detected_at),
    to_deliver_s: between(detected_at, delivered_at),
    to_acknowledge_s: between(detected_at ?? opened_at, acknowledged_at),
    to_resolve_s: between(first_bad_minute ?? opened_at, resolved_at),
  };
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / 1000));
}
