import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { worstAlertsFirst } from '@transaction-guardian/contracts/text/many-alerts.ts';
import type { IncomingAlert } from '../payload.ts';

/** Severity of an alert; one without a known label is a warning, so that a rule with a slip of the pen is still read. */
export function alertSeverity({ labels }: Pick<IncomingAlert, 'labels'>): Severity {
  const said = labels['severity']?.toLowerCase() ?? '';
  if (said === 'page' || said === 'emergency' || said === 'error') return 'critical';
  return SEVERITIES.find((one) => one === said) ?? 'warning';
}

export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** An alert with how bad it is in our words. */
export interface OrderedAlert extends IncomingAlert {
  readonly severity: Severity;
}

/** The worst first, as all channels list alerts; of equal ones the oldest. */
export function inOrder(alerts: readonly IncomingAlert[]): OrderedAlert[] {
  const oldestFirst = alerts.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return worstAlertsFirst(oldestFirst.map((alert) => ({ ...alert, severity: alertSeverity(alert) })));
}
