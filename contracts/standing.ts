import type { Health, Stats } from './stats.ts';

/** True when what was counted has been judged and goes on being judged: only then is silence good news. */
export function isJudged(stats: Stats): boolean {
  const isFlowing = stats.stream === 'live' || stats.stream === 'replay';
  return isFlowing && stats.judged === 'current' && !stats.learning;
}

/** What may be shown of the traffic. */
export interface TrafficReading {
  /** Null: nobody knows: no minute has closed yet, or no source is heard. */
  readonly transactionsPerMinute: number | null;
  readonly approvalRate: number | null;
  /** Newest minute with transactions; null where the figures are judged and of now, or there is none. */
  readonly until: string | null;
}

/** Reads the traffic the same way for every surface. The minutes of a stream that has stopped are not minutes without transactions. */
export function readTraffic(stats: Stats): TrafficReading {
  const isUnknown = stats.last_minute === null || stats.stream === 'stalled';
  return {
    transactionsPerMinute: isUnknown ? null : stats.transactions_per_minute,
    approvalRate: stats.approval_rate,
    until: isJudged(stats) ? null : stats.last_transaction_minute,
  };
}

/** Sign of a state: fine, not known or half, broken. */
export function standingMark(health: Pick<Health, 'status'>, stats: Stats): '✅' | '⚠️' | '🚨' {
  if (isWell(health, stats)) return '✅';
  const isBroken = health.status === 'unhealthy' || stats.active_alerts > 0 || stats.judged === 'behind' || stats.stream === 'stalled';
  return isBroken ? '🚨' : '⚠️';
}

/** Well: healthy, judged, nothing fires, held back or not, no incident is open. What is stopped, empty, behind or still learning may hide an outage. */
export function isWell(health: Pick<Health, 'status'>, stats: Stats): boolean {
  return health.status === 'healthy' && stats.active_alerts + stats.held_alerts + stats.open_incidents === 0 && isJudged(stats);
}
