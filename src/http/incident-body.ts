import { IncidentChange, IncidentInput, IncidentNote } from '@transaction-guardian/contracts/incident.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FieldCheck } from '../check/field-check.ts';
import { invalidBody } from './body-fields.ts';
import { readBody } from './schema-checks.ts';

const MOST_ALERTS = 100;
const FINGERPRINT = /^[0-9a-f]{16}$/;

/** Fingerprints, each once. */
const fingerprintsCheck: FieldCheck<string[]> = (value, field, findings) => {
  const isList = Array.isArray(value) && value.length <= MOST_ALERTS;
  if (isList && value.every((one): one is string => typeof one === 'string' && FINGERPRINT.test(one))) return [...new Set(value)];
  findings.push({ field, rule: 'fingerprints' });
  return undefined;
};
const checks = { alerts: fingerprintsCheck };

/** Reads the body that opens an incident. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule; so do the others. */
export const readIncidentInput = (body: unknown, locale: Locale): IncidentInput => readBody(IncidentInput, body, locale, { checks });

/** Reads the body of a change: at least one field. */
export function readIncidentChange(body: unknown, locale: Locale): IncidentChange {
  const change = readBody(IncidentChange, body, locale, { checks });
  if (Object.keys(change).length > 0) return change;
  const allowed = Object.keys(IncidentChange.properties).join(', ');
  throw invalidBody([{ field: '(body)', rule: 'nothing_to_change', params: { allowed } }], locale);
}

/** Reads the body of a note. */
export const readIncidentNote = (body: unknown, locale: Locale): IncidentNote => readBody(IncidentNote, body, locale);
