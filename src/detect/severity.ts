import type { AnomalyType, Severity } from '@transaction-guardian/contracts/anomaly.ts';
import { rowOf, type SeriesStore } from './series-store.ts';
import { recent, type Family } from './signal.ts';

/** What a severity is judged by. `run`: minutes up to `minute`; `worth`: how much more an approved transaction of the slice is
 *  worth than one of the fleet, at least 1. */
export interface Damage {
  readonly scope: number;
  readonly row: number;
  readonly family: Family;
  readonly type: AnomalyType;
  readonly minute: number;
  readonly run: number;
  readonly worth: number;
}

/** Severity from what is lost a minute: approved transactions that did not come (or their money, where that is more) and bad ones
 *  too many, as a share of the scope's traffic and, for a part of the fleet, of the fleet's. */
export function severityOf(store: SeriesStore, { scope, row, family, type, minute, run, worth }: Damage): Severity {
  if (family === 'spike') return 'info';
  const approved = recent(store, rowOf(scope, 'approved'), minute, run);
  const own = recent(store, row, minute, run);
  const minutes = Math.max(1, own.minutes);
  const missing = Math.max(0, approved.expected - approved.observed);
  const excess = family === 'volume' ? Math.max(0, own.expected - own.observed) : Math.max(0, own.observed - own.expected);
  const bad = Math.max(missing, excess) / minutes;
  const weighed = Math.max(bad, (missing * worth) / minutes);
  const shareOf = (lost: number, whole: number): number =>
    lost / Math.max(1e-9, recent(store, rowOf(whole, ''), minute, run).expected / minutes);
  if (scope === 0) {
    if (type === 'no_data' || type === 'zero_transactions') return 'critical';
    return shareOf(weighed, 0) >= 0.15 ? 'critical' : 'warning';
  }
  const scopeShare = shareOf(bad, scope);
  if (shareOf(weighed, 0) >= 0.1 || (bad >= 20 && scopeShare >= 0.3)) return 'critical';
  return scopeShare >= 0.2 ? 'warning' : 'info';
}
