/** Anomaly types, as operators name them. */
export const ANOMALY_TYPES = [
  'low_volume',
  'spike',
  'zero_transactions',
  'denials_above_normal',
  'failures_above_normal',
  'reversals_above_normal',
  'approval_rate_down',
  'no_data',
  'drift_warning',
  'detector_behind',
] as const;

export type AnomalyType = (typeof ANOMALY_TYPES)[number];

/** Types that say that something is broken; the others only warn. */
export const FAULT_TYPES: readonly AnomalyType[] = ANOMALY_TYPES.filter((type) => type !== 'drift_warning');

export const SEVERITIES = ['critical', 'warning', 'info'] as const;

export type Severity = (typeof SEVERITIES)[number];

export const NODE_KINDS = ['fleet', 'status', 'auth_code', 'acquirer', 'merchant', 'merchant_status'] as const;

export type NodeKind = (typeof NODE_KINDS)[number];
