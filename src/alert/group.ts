import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';

/** What a firing alert says about its group, for alerts that open under it. */
export interface OpenGroup {
  readonly groupKey: string;
  readonly type: AnomalyType;
}

/** Types that are signs of the same cause. */
const FAMILIES: Readonly<Record<AnomalyType, 'approvals' | 'volume' | 'growth' | 'drift' | 'self'>> = {
  approval_rate_down: 'approvals',
  denials_above_normal: 'approvals',
  detector_behind: 'self',
  drift_warning: 'drift',
  failures_above_normal: 'approvals',
  low_volume: 'volume',
  no_data: 'volume',
  reversals_above_normal: 'approvals',
  spike: 'growth',
  zero_transactions: 'volume',
};

/** Key of the whole fleet. */
export const FLEET_GROUP = groupKeyFor({ scope: 'fleet' });

/** Key of what the program says of itself: a message of its own, whatever else is wrong. */
export const SELF_GROUP = groupKeyFor({ scope: 'guardian' });

/** A group key in the form of Alertmanager's. */
export function groupKeyFor(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{}:{${pairs.join(', ')}}`;
}

/** Labels that a group stands for, read back from its key. */
export function groupLabelsOf(groupKey: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of groupKey.matchAll(/([a-z_]+)=("(?:[^"\\]|\\.)*")/g)) {
    if (name !== undefined && value !== undefined) labels[name] = String(JSON.parse(value));
  }
  return labels;
}

/** The label `cause` of the alerts of a group: `fleet`, `merchant m-1`, `acquirer rede`, `guardian`. Pure. */
export function causeLabelOf(groupKey: string): string {
  const { scope = '', ...named } = groupLabelsOf(groupKey);
  return [scope, ...Object.values(named)].join(' ');
}

/** Group of an alert that opens: alerts of one merchant make one message, those of one acquirer another, everything wider
 *  a third. While the fleet has the same cause open, a merchant or an acquirer that falls with it
 *  joins the fleet's message. `open`: alerts that are firing now. In the form of Alertmanager's groupKey. Pure. */
export function groupKeyOf(type: AnomalyType, cause: Slice, open: readonly OpenGroup[]): string {
  if (FAMILIES[type] === 'self') return SELF_GROUP;
  const own = scopeKey(cause);
  if (own === FLEET_GROUP) return own;
  const covered = open.some((alert) => alert.groupKey === FLEET_GROUP && FAMILIES[alert.type] === FAMILIES[type]);
  return covered ? FLEET_GROUP : own;
}

function scopeKey(cause: Slice): string {
  if (cause.merchant_id !== undefined && cause.merchant_id !== '')
    return groupKeyFor({ scope: 'merchant', merchant_id: cause.merchant_id });
  if (cause.acquirer !== undefined && cause.acquirer !== '') return groupKeyFor({ scope: 'acquirer', acquirer: cause.acquirer });
  return FLEET_GROUP;
}
