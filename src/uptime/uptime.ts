import type { Database } from '../store/database.ts';
import { readFirstServiceState, readServiceStates, type ServiceInterval, type ServiceState } from '../store/verbs/uptime/service-states.ts';

/** Shares of a time, 0..1, that add up to 1. `from`, `to`: epoch milliseconds. */
export interface Uptime extends Readonly<Record<ServiceState, number>> {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;

/** How the program was from `from` to `to`. Time that no interval covers is unknown, never healthy; time that two cover counts
 *  as the worse. Pure. */
export function uptimeOf(intervals: readonly ServiceInterval[], from: number, to: number): Uptime {
  const sums: Record<ServiceState, number> = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 };
  const edges = [...new Set([from, to, ...intervals.flatMap((one) => [one.started_at, one.ended_at])])]
    .filter((at) => at >= from && at <= to)
    .sort((a, b) => a - b);
  for (const [index, start] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    const there = new Set(intervals.filter((one) => one.started_at <= start && one.ended_at >= end).map(({ state }) => state));
    const worst = WORST_FIRST.find((state) => there.has(state)) ?? 'unknown';
    sums[worst] += end - start;
  }
  const whole = to - from;
  const share = (state: ServiceState): number => (whole <= 0 ? (state === 'unknown' ? 1 : 0) : sums[state] / whole);
  return { from, to, healthy: share('healthy'), degraded: share('degraded'), unhealthy: share('unhealthy'), unknown: share('unknown') };
}

const WORST_FIRST: readonly ServiceState[] = ['unhealthy', 'unknown', 'degraded', 'healthy'];

/** What is not written yet is no gap: the record may end so long before now. */
const UNWRITTEN_MS = 150_000;

/** How the program was in the last `days`, or since the record begins, up to the end of the record; null before it begins.
 *  `now`: the wall clock. */
export async function readUptime(database: Database, now: number, days: number): Promise<Uptime | null> {
  // What is older says that it did not begin within the time that is asked for; much older may be of a clock that was wrong.
  const first = await readFirstServiceState(database, now - 3 * days * DAY_MS);
  const from = Math.max(now - days * DAY_MS, first ?? now);
  if (first === null || from >= now) return null;
  const intervals = await readServiceStates(database, { from, to: now });
  const end = Math.max(from, ...intervals.map((one) => one.ended_at));
  return uptimeOf(intervals, from, now - end <= UNWRITTEN_MS ? Math.min(end, now) : now);
}
