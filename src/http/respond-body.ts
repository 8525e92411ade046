import { AcknowledgeAllInput, AcknowledgeInput, SnoozeInput } from '@transaction-guardian/contracts/alert-view.ts';
import { MaintenanceInput, SilenceChange, SilenceInput } from '@transaction-guardian/contracts/silence.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Static } from 'typebox';
import type { BrokenRule } from '../check/finding.ts';
import type { NewMaintenance } from '../respond/maintenance.ts';
import type { NewSilence } from '../respond/silence.ts';
import { invalidBody } from './body-fields.ts';
import { readBody } from './schema-checks.ts';

const MINUTE_MS = 60_000;

/** Reads the body of an acknowledgement, which may be absent. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule,
 *  as every reader here does. */
export const readAcknowledge = (body: unknown, locale: Locale): Static<typeof AcknowledgeInput> =>
  readBody(AcknowledgeInput, body === undefined ? {} : body, locale);

/** Reads the body of an acknowledgement of many alerts, which may be absent. */
export const readAcknowledgeAll = (body: unknown, locale: Locale): Static<typeof AcknowledgeAllInput> =>
  readBody(AcknowledgeAllInput, body === undefined ? {} : body, locale);

/** Reads the body of a snooze: its end, epoch milliseconds. `now`: wall clock. */
export function readSnooze(body: unknown, locale: Locale, now: number): { readonly until: number; readonly comment?: string } {
  const { until, minutes, ...rest } = readBody(SnoozeInput, body, locale);
  const end = endOf(until, minutes, now);
  if (end === undefined) throw invalidBody([{ field: 'minutes', rule: 'end_or_minutes', params: { until: 'until' } }], locale);
  return { until: end, ...rest };
}

/** Reads the body of a silence. `now`: wall clock, epoch milliseconds. */
export function readSilence(body: unknown, locale: Locale, now: number): NewSilence {
  const input = readBody(SilenceInput, body, locale);
  const { matchers, alert_id: alertId, max_severity: maxSeverity, reason } = input;
  const startsAt = input.starts_at === undefined ? undefined : Date.parse(input.starts_at);
  const endsAt = endOf(input.ends_at, input.minutes, startsAt ?? now);
  const findings: BrokenRule[] = [];
  if ((matchers === undefined) === (alertId === undefined)) findings.push({ field: 'matchers', rule: 'matchers_or_alert' });
  if (endsAt === undefined) findings.push({ field: 'ends_at', rule: 'end_or_minutes', params: { until: 'ends_at' } });
  if (findings.length > 0 || endsAt === undefined) throw invalidBody(findings, locale);
  const scope = matchers === undefined ? { alertId: alertId ?? '', maxSeverity } : { matchers, maxSeverity };
  return { scope, startsAt, endsAt, reason };
}

/** Reads the change of a silence. `now`: wall clock, epoch milliseconds. */
export function readSilenceChange(
  body: unknown,
  locale: Locale,
  now: number,
): { readonly endsAt?: number | undefined; readonly reason?: string | undefined } {
  const { ends_at: end, minutes, reason } = readBody(SilenceChange, body, locale);
  if (end !== undefined && minutes !== undefined)
    throw invalidBody([{ field: 'ends_at', rule: 'end_or_minutes', params: { until: 'ends_at' } }], locale);
  const endsAt = endOf(end, minutes, now);
  if (endsAt !== undefined || reason !== undefined) return { endsAt, reason };
  const allowed = Object.keys(SilenceChange.properties).join(', ');
  throw invalidBody([{ field: '(body)', rule: 'nothing_to_change', params: { allowed } }], locale);
}

/** Reads the body of a maintenance window. */
export function readMaintenance(body: unknown, locale: Locale): NewMaintenance {
  const { name, matchers, max_severity: maxSeverity, once, weekly } = readBody(MaintenanceInput, body, locale);
  const input = { name, matchers, maxSeverity };
  if (once !== undefined && weekly === undefined) return { ...input, schedule: { once } };
  if (weekly !== undefined && once === undefined) return { ...input, schedule: { weekly } };
  throw invalidBody([{ field: 'once', rule: 'once_or_weekly' }], locale);
}

/** The end, epoch milliseconds, of what has either an end or a length; undefined for neither and for both. */
function endOf(end: string | undefined, minutes: number | undefined, from: number): number | undefined {
  if (end !== undefined) return minutes === undefined ? Date.parse(end) : undefined;
  return minutes === undefined ? undefined : Math.round(from) + minutes * MINUTE_MS;
}
