import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES, type Anomaly, type Severity, type Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { alertName, causeOf, fingerprintOf, labelsOf, runbookName, sliceEntries } from './cause.ts';
import { actionText, descriptionText, messageText, moneyOf, sliceWords, summaryText, type WordingOptions } from './wording.ts';

export interface AlertOptions extends WordingOptions {
  /** Address of the console, for links; none when undefined. */
  readonly externalUrl?: string | undefined;
}

/** Turns an anomaly into the alert that tells about it. `previous`: the alert of the same anomaly, when there is one; its
 *  fingerprint, start and slice are kept, and its severity is never lowered while the anomaly lives. An anomaly that a better
 *  explanation has renamed takes its new name and slice along. Pure. */
export function alertOf(anomaly: Anomaly, previous: Alert | null, options: AlertOptions): Alert {
  const severity = previous === null ? anomaly.severity : worse(previous.severity, anomaly.severity);
  const told: Anomaly = { ...anomaly, severity };
  const slice: Slice = previous === null || isRenamed(anomaly) ? causeOf(anomaly) : previous.slice;
  const startsAt = previous?.starts_at ?? anomaly.started_at;
  const runbook = runbookName(anomaly.type);
  const summary = summaryText(told, slice, options);
  const description = descriptionText(told, options);
  const action = actionText(told, options);
  const lost = moneyOf(anomaly, options.locale);
  return {
    fingerprint: previous?.fingerprint ?? fingerprintOf(anomaly),
    status: anomaly.status === 'resolved' ? 'resolved' : 'firing',
    name: alertName(anomaly.type),
    type: anomaly.type,
    severity,
    summary,
    description,
    action,
    runbook,
    slice,
    labels: labelsOf(told, slice),
    annotations: {
      summary,
      description,
      action,
      runbook,
      message: messageText(told, slice, options),
      slice: sliceWords(sliceEntries(anomaly.slice).length > 0 ? anomaly.slice : slice, options.locale),
      lost_transactions: String(anomaly.lost_transactions),
      ...(lost === '' ? {} : { lost_amount: lost }),
      anomaly_id: anomaly.id,
      ...(options.externalUrl === undefined ? {} : { url: anomalyUrl(options.externalUrl, anomaly.id) }),
    },
    starts_at: startsAt,
    ends_at: anomaly.resolved_at,
    updated_at: anomaly.updated_at,
    anomaly_id: anomaly.id,
    backfill: anomaly.backfill,
  };
}

const isRenamed = (anomaly: Anomaly): boolean => anomaly.reasons.some(({ code }) => code === 'renamed' || code === 'renamed_part');

/** Address of an anomaly in the console. */
export function anomalyUrl(externalUrl: string, id: string): string {
  return `${externalUrl.replace(/\/+$/, '')}/#${encodeURIComponent(id)}`;
}

/** The more severe of two severities. */
export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}

/** The most severe one; 'info' for an empty list. */
export function worst(severities: Iterable<Severity>): Severity {
  let result: Severity = 'info';
  for (const severity of severities) result = worse(result, severity);
  return result;
}
