import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { IncomingAlert } from '../payload.ts';

/** Severity of an alert; one without a known label is a warning, so that a rule with a slip of the pen is still read. */
export function alertSeverity({ labels }: Pick<IncomingAlert, 'labels'>): Severity {
  const said = labels['severity']?.toLowerCase() ?? '';
  if (said === 'page' || said === 'emergency' || said === 'error') return 'critical';
  return SEVERITIES.find((one) => one === said) ?? 'warning';
}

export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Firing before resolved, the most severe first, then the oldest. */
export function inOrder(alerts: readonly IncomingAlert[]): IncomingAlert[] {
  return alerts.toSorted(
    (a, b) =>
      Number(a.status === 'resolved') - Number(b.status === 'resolved') ||
      rankOf(alertSeverity(a)) - rankOf(alertSeverity(b)) ||
      Date.parse(a.startsAt) - Date.parse(b.startsAt),
  );
}
