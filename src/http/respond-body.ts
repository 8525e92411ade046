import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { WEEKDAYS } from '@transaction-guardian/contracts/weekday.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { enumCheck, numberCheck, patternCheck, textCheck } from '../check/field-check.ts';
import type { BrokenRule } from '../check/finding.ts';
import type { MaintenanceInput } from '../respond/maintenance.ts';
import type { SilenceInput, SilenceScope } from '../respond/silence.ts';
import { invalidBody, listCheck, momentCheck, objectCheck, readFields } from './body-fields.ts';

const MINUTE_MS = 60_000;
const REASON_MOST = 500;
const NAME_MOST = 120;
const ID_MOST = 128;
/** A silence lasts at most 30 days, a snooze a day; the verbs say so too. */
const SILENCE_MINUTES = 43_200;
const SNOOZE_MINUTES = 1440;

const minutes = (most: number) => numberCheck(1, most, { integer: true });
const matchers = listCheck(textCheck(REASON_MOST), 1, 20);
const severity = enumCheck(SEVERITIES);
const time = patternCheck(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'pattern_time');
const day = patternCheck(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'pattern_day');
const iso = (ms: number): string => new Date(ms).toISOString();

const ACKNOWLEDGE = { comment: textCheck(REASON_MOST) };
const SNOOZE = { until: momentCheck, minutes: minutes(SNOOZE_MINUTES), comment: textCheck(REASON_MOST) };
const END = { ends_at: momentCheck, minutes: minutes(SILENCE_MINUTES), reason: textCheck(REASON_MOST) };
const SILENCE = { matchers, alert_id: textCheck(ID_MOST), max_severity: severity, starts_at: momentCheck, ...END };
const WEEKLY = {
  ...{ days: listCheck(enumCheck(WEEKDAYS), 1, 7), start: time, end: time },
  ...{ time_zone: textCheck(ID_MOST), from: day, until: day },
};
const ONCE = { starts_at: momentCheck, ends_at: momentCheck };
const MAINTENANCE = {
  ...{ name: textCheck(NAME_MOST), matchers, max_severity: severity },
  ...{ once: objectCheck(ONCE), weekly: objectCheck(WEEKLY) },
};

/** Reads the body of an acknowledgement, which may be absent. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule,
 *  as every reader here does. */
export function readAcknowledge(body: unknown, locale: Locale): { readonly comment?: string } {
  const findings: BrokenRule[] = [];
  const fields = readFields(body ?? {}, ACKNOWLEDGE, findings);
  if (findings.length > 0) throw invalidBody(findings, locale);
  return fields;
}

/** Reads the body of a snooze: its end, epoch milliseconds. `now`: wall clock. */
export function readSnooze(body: unknown, locale: Locale, now: number): { readonly until: number; readonly comment?: string } {
  const findings: BrokenRule[] = [];
  const { until, minutes: length, ...rest } = readFields(body, SNOOZE, findings);
  const end = endOf(until, length, now);
  if (findings.length === 0 && end === undefined) findings.push({ field: 'minutes', rule: 'end_or_minutes', params: { until: 'until' } });
  if (findings.length > 0 || end === undefined) throw invalidBody(findings, locale);
  return { until: end, ...rest };
}

/** Reads the body of a silence. `now`: wall clock, epoch milliseconds. */
export function readSilence(body: unknown, locale: Locale, now: number): SilenceInput {
  const findings: BrokenRule[] = [];
  const fields = readFields(body, SILENCE, findings);
  const { starts_at: startsAt, reason, max_severity: maxSeverity } = fields;
  const endsAt = endOf(fields.ends_at, fields.minutes, startsAt ?? now);
  const isRead = findings.length === 0;
  const scope: SilenceScope | undefined =
    (fields.matchers === undefined) === (fields.alert_id === undefined)
      ? undefined
      : fields.matchers === undefined
        ? { alertId: fields.alert_id ?? '', maxSeverity }
        : { matchers: fields.matchers, maxSeverity };
  if (isRead && scope === undefined) findings.push({ field: 'matchers', rule: 'matchers_or_alert' });
  if (isRead && endsAt === undefined) findings.push({ field: 'ends_at', rule: 'end_or_minutes', params: { until: 'ends_at' } });
  if (isRead && reason === undefined) findings.push({ field: 'reason', rule: 'required' });
  if (findings.length > 0 || scope === undefined || endsAt === undefined || reason === undefined) throw invalidBody(findings, locale);
  return { scope, startsAt, endsAt, reason };
}

/** Reads the change of a silence. `now`: wall clock, epoch milliseconds. */
export function readSilenceChange(
  body: unknown,
  locale: Locale,
  now: number,
): { readonly endsAt?: number | undefined; readonly reason?: string | undefined } {
  const findings: BrokenRule[] = [];
  const fields = readFields(body, END, findings);
  const hasBoth = fields.ends_at !== undefined && fields.minutes !== undefined;
  if (hasBoth) findings.push({ field: 'ends_at', rule: 'end_or_minutes', params: { until: 'ends_at' } });
  const endsAt = endOf(fields.ends_at, fields.minutes, now);
  if (findings.length === 0 && endsAt === undefined && fields.reason === undefined)
    findings.push({ field: '(body)', rule: 'nothing_to_change', params: { allowed: Object.keys(END).join(', ') } });
  if (findings.length > 0) throw invalidBody(findings, locale);
  return { endsAt, reason: fields.reason };
}

/** Reads the body of a maintenance window. */
export function readMaintenance(body: unknown, locale: Locale): MaintenanceInput {
  const findings: BrokenRule[] = [];
  const { name, matchers: wanted, max_severity: maxSeverity, once, weekly } = readFields(body, MAINTENANCE, findings);
  const required = (fields: object, prefix: string, names: readonly string[]): void => {
    for (const one of names) if (!Object.hasOwn(fields, one)) findings.push({ field: prefix + one, rule: 'required' });
  };
  if (findings.length === 0) {
    required({ ...(name === undefined ? {} : { name }), ...(wanted === undefined ? {} : { matchers: wanted }) }, '', ['name', 'matchers']);
    if (once !== undefined) required(once, 'once.', Object.keys(ONCE));
    if (weekly !== undefined) required(weekly, 'weekly.', ['days', 'start', 'end']);
    if ((once === undefined) === (weekly === undefined)) findings.push({ field: 'once', rule: 'once_or_weekly' });
  }
  if (findings.length > 0) throw invalidBody(findings, locale);
  const schedule =
    once === undefined
      ? { weekly: { days: [], start: '', end: '', ...weekly } }
      : { once: { starts_at: iso(once.starts_at ?? 0), ends_at: iso(once.ends_at ?? 0) } };
  return { name: name ?? '', matchers: wanted ?? [], maxSeverity, schedule };
}

/** The end, epoch milliseconds, of what has either an end or a length; undefined for neither and for both. */
function endOf(end: number | undefined, length: number | undefined, from: number): number | undefined {
  if (end !== undefined) return length === undefined ? end : undefined;
  return length === undefined ? undefined : Math.round(from) + length * MINUTE_MS;
}
