import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { SEVERITY_RANK } from './severity.ts';
import type { LiveState } from './model.ts';
import { heldRank } from './held.ts';

const HOUR_MS = 3_600_000;
/** Most rows that a list of the server brings: beyond, only the server knows the number. */
const LIST_LIMIT = 100;

/** What is wrong, counted from the lists that the page shows, so that tiles, banner and list say the same. Warnings of what
 *  may come (`drift_warning`) are counted apart: nothing is broken yet. */
export interface StatusCounts {
  readonly open: number;
  readonly worstOpen: Severity | null;
  readonly firing: number;
  readonly worstFiring: Severity | null;
  /** Alerts that fire and that something hides. */
  readonly held: number;
  readonly warnings: number;
  readonly lastHour: number;
}

/** Counts at `streamNow`, the time of the stream in epoch milliseconds. */
export function countsOf({ stats, anomalies, alerts }: Pick<LiveState, 'stats' | 'anomalies' | 'alerts'>, streamNow: number): StatusCounts {
  const faults = anomalies.filter(({ type }) => type !== 'drift_warning');
  const open = faults.filter(({ status }) => status === 'open');
  const faulty = alerts.filter(({ type }) => type !== 'drift_warning');
  const firing = faulty.filter((alert) => heldRank(alert) < 2);
  const recent = faults.filter(({ type, started_at }) => !SELF_TYPES.includes(type) && Date.parse(started_at) > streamNow - HOUR_MS);
  return {
    open: atLeast(open.length, stats?.open_anomalies, anomalies.length),
    worstOpen: worstOf(open),
    firing: atLeast(firing.length, stats?.active_alerts, alerts.length),
    worstFiring: worstOf(firing),
    held: faulty.length - firing.length,
    warnings: alerts.length - faulty.length,
    lastHour: atLeast(recent.length, stats?.anomalies_last_hour, anomalies.length),
  };
}

/** A list that was cut short counts too few. */
function atLeast(counted: number, said: number | undefined, listed: number): number {
  return listed >= LIST_LIMIT ? Math.max(counted, said ?? 0) : counted;
}

function worstOf(items: readonly { readonly severity: Severity }[]): Severity | null {
  return items.map(({ severity }) => severity).toSorted((a, b) => SEVERITY_RANK[a] - SEVERITY_RANK[b])[0] ?? null;
}
