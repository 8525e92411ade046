import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { alertName, causeOf, labelsOf, placesOf, runbookName, sliceEntries } from './cause.ts';
import { groupKeyOf } from './group.ts';
import { fingerprintOf } from './wire-labels.ts';
import {
  actionText,
  descriptionText,
  escalatedTo,
  impactText,
  alertText,
  moneyOf,
  replacedTexts,
  sliceWords,
  summaryText,
  type WordingOptions,
} from './wording.ts';

export interface AlertOptions extends WordingOptions {
  /** Address of the console, for links; none when undefined. */
  readonly externalUrl?: string | undefined;
  /** Address of the folder of the runbooks; `/runbooks` of the console when undefined. */
  readonly runbookUrl?: string | undefined;
}

/** What distinguishes an alert that begins from others. */
export interface Opening {
  readonly taken?: ReadonlySet<string>;
  readonly groupKey?: string;
}

/** Turns an anomaly into the alert that reports it. `previous`: the alert of the same anomaly so far; its labels, fingerprint,
 *  start, type and severity never change, and only texts, figures and the slice follow the anomaly. `taken`: fingerprints
 *  of the alerts of other anomalies that fire; one label set is one alert, so that an equal one gets the label `anomaly_id`.
 *  `groupKey`: of the alerts with the same cause; default its own scope. Pure. */
export function alertOf(anomaly: Anomaly, previous: Alert | null, options: AlertOptions, { taken, groupKey }: Opening = {}): Alert {
  if (previous !== null) return describeAlert(anomaly, previous, options);
  const slice = causeOf(anomaly);
  const labels = labelsOf(anomaly, slice, groupKey ?? groupKeyOf(anomaly.type, slice, []));
  const isTaken = taken?.has(fingerprintOf(labels)) === true;
  return newAlert(anomaly, isTaken ? { ...labels, anomaly_id: anomaly.id } : labels, slice, anomaly.started_at, options);
}

/** True when an open anomaly is no longer what the labels of its alert say: it has another type, has become more severe, or a
 *  labelled place or code is another one. Then a new alert takes over, as with two rules of Prometheus. Pure. */
export function isAnotherAlert(anomaly: Anomaly, previous: Alert): boolean {
  if (anomaly.status === 'resolved' || previous.status === 'resolved') return false;
  const cause = causeOf(anomaly);
  return (
    anomaly.type !== previous.type ||
    worse(previous.severity, anomaly.severity) !== previous.severity ||
    sliceEntries(cause).some(([field, value]) => previous.labels[field] !== undefined && previous.labels[field] !== value)
  );
}

/** The alert that takes over from `previous`; it starts when the anomaly became what it is now, and is never less severe. Pure. */
export function successorOf(anomaly: Anomaly, previous: Alert, options: AlertOptions, opening: Opening = {}): Alert {
  const next = alertOf({ ...anomaly, severity: worse(previous.severity, anomaly.severity) }, null, options, opening);
  return { ...next, starts_at: anomaly.updated_at };
}

/** `previous` as it ends, replaced by `next`. Pure. */
export function replacedBy(anomaly: Anomaly, previous: Alert, next: Alert, options: AlertOptions): Alert {
  const ended: Anomaly = { ...anomaly, type: previous.type, severity: previous.severity, status: 'resolved', resolved_at: next.starts_at };
  const texts = replacedTexts(ended, previous.slice, next, options);
  const severity = escalatedTo(previous.severity, next.severity);
  return {
    ...previous,
    ...texts,
    status: 'resolved',
    annotations: {
      ...previous.annotations,
      ...texts,
      message: texts.summary,
      replaced_by: next.fingerprint,
      ...(severity === null ? {} : { escalated_to: severity }),
    },
    ends_at: next.starts_at,
    updated_at: anomaly.updated_at,
  };
}

function newAlert(anomaly: Anomaly, labels: Record<string, string>, slice: Slice, startsAt: string, options: AlertOptions): Alert {
  const { type, severity, backfill } = anomaly;
  const identity = { fingerprint: fingerprintOf(labels), name: alertName(type), type, severity, labels, backfill };
  const blank = { status: 'firing', summary: '', description: '', action: '', runbook: runbookName(type), annotations: {} } as const;
  const times = { starts_at: startsAt, ends_at: null, updated_at: anomaly.updated_at };
  return describeAlert(anomaly, { ...identity, ...blank, ...times, slice, anomaly_id: anomaly.id }, options);
}

/** The alert with texts and figures of the anomaly as it is now. */
function describeAlert(anomaly: Anomaly, alert: Alert, options: AlertOptions): Alert {
  const described: Anomaly = { ...anomaly, type: alert.type, severity: alert.severity };
  const slice = nextSlice(alert.slice, causeOf(anomaly));
  const texts = {
    summary: summaryText(described, slice, options),
    description: descriptionText(described, options),
    action: actionText(described, options),
  };
  const lost = moneyOf(anomaly, options.locale);
  return {
    ...alert,
    ...texts,
    status: anomaly.status === 'resolved' ? 'resolved' : 'firing',
    slice,
    annotations: {
      ...texts,
      ...(alert.runbook === null ? {} : runbookOf(alert.runbook, options)),
      message: alertText(described, slice, options),
      slice: sliceWords(sliceEntries(anomaly.slice).length > 0 ? anomaly.slice : slice, options.locale),
      lost_transactions: String(anomaly.lost_transactions),
      ...(lost === '' ? {} : { lost_amount: lost }),
      anomaly_id: anomaly.id,
      impact: impactText(anomaly, options.locale),
      ...linksOf(anomaly.id, alert.runbook, options),
    },
    ends_at: anomaly.resolved_at,
    updated_at: anomaly.updated_at,
    backfill: anomaly.backfill,
  };
}

/** The cause that the texts of an alert name: a new one where it says more or names another place, else the known one, so that a
 *  share that comes and goes does not change the headline. */
function nextSlice(known: Slice, now: Slice): Slice {
  const saysMore = sliceEntries(known).every(([field, value]) => now[field] === value);
  return saysMore || placesOf(now).some((place) => !placesOf(known).includes(place)) ? now : known;
}

/** Name and address of a runbook, as annotations. */
export function runbookOf(
  runbook: string,
  { runbookUrl, externalUrl }: Pick<AlertOptions, 'runbookUrl' | 'externalUrl'>,
): Record<string, string> {
  const base = runbookUrl ?? (externalUrl === undefined ? undefined : `${trimmed(externalUrl)}/runbooks`);
  return { runbook, ...(base === undefined ? {} : { runbook_url: `${trimmed(base)}/${runbook}` }) };
}

/** Where to look: the page of the alert with its chart, and all addresses one a line. */
function linksOf(anomalyId: string, runbook: string | null, options: AlertOptions): Record<string, string> {
  const url = options.externalUrl === undefined ? undefined : alertUrl(options.externalUrl, anomalyId);
  const manual = runbook === null ? undefined : runbookOf(runbook, options)['runbook_url'];
  const links = [url, manual].filter((link) => link !== undefined);
  return { ...(url === undefined ? {} : { url, graph: url }), ...(links.length === 0 ? {} : { links: links.join('\n') }) };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');

/** Address of the alert of an anomaly in the console. */
export function alertUrl(externalUrl: string, id: string): string {
  return `${trimmed(externalUrl)}/alerts/${encodeURIComponent(id)}`;
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
