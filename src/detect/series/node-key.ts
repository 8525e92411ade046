import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { GroupKind } from './series-store.ts';
import { familyOfStatus } from './signal.ts';
import type { Family } from './status-table.ts';

/** The rows that a verdict is about: one family of one group of series. */
export interface JudgedRows {
  readonly kind: GroupKind;
  /** '' for the fleet. */
  readonly id: string;
  readonly family: Family;
}

const FAMILY: Readonly<Record<Exclude<AnomalyType, 'drift_warning'>, Family>> = {
  low_volume: 'volume',
  zero_transactions: 'volume',
  no_data: 'volume',
  approval_rate_down: 'volume',
  // Never judged: the service refuses verdicts on it.
  detector_behind: 'volume',
  spike: 'spike',
  denials_above_normal: 'denial',
  failures_above_normal: 'failure',
  reversals_above_normal: 'failure',
};

/** The rows that a verdict on an anomaly moves. */
export function judgedRows({ node, type }: Pick<Anomaly, 'node' | 'type'>): JudgedRows {
  const family = type === 'drift_warning' ? familyOfStatus(node.status ?? '') : FAMILY[type];
  if (node.merchant_id !== undefined) return { kind: 'merchant', id: node.merchant_id, family };
  if (node.acquirer !== undefined) return { kind: 'acquirer', id: node.acquirer, family };
  if (node.auth_code !== undefined) return { kind: 'auth_code', id: node.auth_code, family };
  return { kind: 'fleet', id: '', family };
}

/** Name of the group of series, e.g. `fleet`, `merchant:m-1`. */
export const groupKey = ({ kind, id }: Pick<JudgedRows, 'kind' | 'id'>): string => (kind === 'fleet' ? kind : `${kind}:${id}`);

/** Canonical key of a node, e.g. `status:denied`, `merchant_status:m-1:denied`. */
export function keyOfNode({ kind, acquirer, merchant_id, auth_code, status }: Anomaly['node']): string {
  return [kind, acquirer, merchant_id, auth_code, status].filter((part) => part !== undefined).join(':');
}

/** The keys by which a verdict is found again. */
export function judgedKeys(given: FeedbackNotice['given']): { readonly node: string; readonly group: string } {
  if (given === null) return { node: '', group: '' };
  return { node: keyOfNode(given.anomaly.node), group: groupKey(judgedRows(given.anomaly)) };
}

/** True for the types that say that nothing comes any more: no verdict may suppress them. */
export const isAbsenceType = (type: AnomalyType): boolean => type === 'zero_transactions' || type === 'no_data';
