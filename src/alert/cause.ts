import { ALERT_NAMES } from '@transaction-guardian/contracts/alert-name.ts';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { causeLabelOf } from './group.ts';

/** Fields of a slice, in the order in which labels and keys list them. */
export const SLICE_FIELDS = ['status', 'auth_code', 'acquirer', 'merchant_id', 'payment_method', 'card_bin'] as const;

/** Share of the excess above which the named slice, and not the node, is the cause. */
const NAMED_SHARE = 0.5;

/** Alert name of an anomaly type, in the style of Prometheus. */
export function alertName(type: AnomalyType): string {
  return ALERT_NAMES[type];
}

/** Name of the runbook of an anomaly type: the page `docs/runbooks/<name>.md`. */
export function runbookName(type: AnomalyType): string {
  return type.replaceAll('_', '-');
}

/** The fields that say something, in a fixed order. */
export function sliceEntries(slice: Slice): [field: (typeof SLICE_FIELDS)[number], value: string][] {
  return SLICE_FIELDS.flatMap((field) => {
    const value = slice[field];
    return value === undefined || value === '' ? [] : [[field, value] as [typeof field, string]];
  });
}

/** What broke, as far as it is known: the node, and the named slice where that explains at least half of the excess. */
export function causeOf(anomaly: Pick<Anomaly, 'node' | 'slice'>): Slice {
  const named = anomaly.slice.share >= NAMED_SHARE ? anomaly.slice : {};
  return Object.fromEntries(sliceEntries({ ...named, ...Object.fromEntries(sliceEntries(anomaly.node)) }));
}

/** Merchants and acquirers that a slice names, as `field=value`. */
export function placesOf(slice: Slice): string[] {
  return sliceEntries(slice)
    .filter(([field]) => field === 'merchant_id' || field === 'acquirer')
    .map(([field, value]) => `${field}=${value}`);
}

/** Labels of an alert that begins. `slice`: what broke, as it is known then; `groupKey`: of the alerts with the same cause. */
export function labelsOf(anomaly: Pick<Anomaly, 'type' | 'severity'>, slice: Slice, groupKey: string): Record<string, string> {
  return {
    alertname: alertName(anomaly.type),
    severity: anomaly.severity,
    type: anomaly.type,
    ...Object.fromEntries(sliceEntries(slice)),
    cause: causeLabelOf(groupKey),
    service: 'transaction-guardian',
  };
}
