import type { AnomalyType } from './anomaly-type.ts';

/** Alert name of each anomaly type, in the style of Prometheus. */
export const ALERT_NAMES: Readonly<Record<AnomalyType, string>> = {
  approval_rate_down: 'GuardianApprovalRateDown',
  denials_above_normal: 'GuardianDenialsAboveNormal',
  detector_behind: 'GuardianDetectorBehind',
  drift_warning: 'GuardianDriftWarning',
  failures_above_normal: 'GuardianFailuresAboveNormal',
  low_volume: 'GuardianLowVolume',
  no_data: 'GuardianNoData',
  reversals_above_normal: 'GuardianReversalsAboveNormal',
  spike: 'GuardianVolumeSpike',
  zero_transactions: 'GuardianZeroTransactions',
};
