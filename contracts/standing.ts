import type { Health, Stats } from './stats.ts';

/** True when what was counted has been judged and goes on being judged: only then is silence good news. */
export function isJudged(stats: Stats): boolean {
  const isFlowing = stats.stream === 'live' || stats.stream === 'replay';
  return isFlowing && stats.judged === 'current' && !stats.learning;
}

/** Well: healthy, judged, nothing fires, held back or not. What is stopped, empty, behind or still learning may hide an outage. */
export function isWell(health: Health, stats: Stats): boolean {
  return health.status === 'healthy' && stats.active_alerts + stats.held_alerts === 0 && isJudged(stats);
}
