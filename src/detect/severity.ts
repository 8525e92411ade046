import type { AnomalyType, Severity } from '@transaction-guardian/contracts/anomaly.ts';
import { rowOf, type SeriesStore } from './series-store.ts';
import { recent, type Family } from './signal.ts';

/** Severity from what is lost: approved transactions that did not come and bad ones too many, as a share of the scope's
 *  traffic and, for a part of the fleet, of the fleet's. */
export function severityOf(
  store: SeriesStore,
  scope: number,
  row: number,
  family: Family,
  type: AnomalyType,
  minute: number,
  run: number,
): Severity {
  if (family === 'spike') return 'info';
  const approved = recent(store, rowOf(scope, 'approved'), minute, run);
  const own = recent(store, row, minute, run);
  const minutes = Math.max(1, own.minutes);
  const missing = Math.max(0, approved.expected - approved.observed);
  const excess = family === 'volume' ? Math.max(0, own.expected - own.observed) : Math.max(0, own.observed - own.expected);
  const bad = Math.max(missing, excess) / minutes;
  const scopeShare = bad / Math.max(1e-9, recent(store, rowOf(scope, ''), minute, run).expected / minutes);
  if (scope === 0) {
    if (type === 'no_data' || type === 'zero_transactions') return 'critical';
    return scopeShare >= 0.15 ? 'critical' : 'warning';
  }
  const fleetShare = bad / Math.max(1e-9, recent(store, 0, minute, run).expected / minutes);
  if (fleetShare >= 0.1 || (bad >= 20 && scopeShare >= 0.3)) return 'critical';
  return scopeShare >= 0.2 ? 'warning' : 'info';
}
