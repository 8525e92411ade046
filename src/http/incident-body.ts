import type { IncidentChange, IncidentInput, IncidentNote } from '@transaction-guardian/contracts/incident.ts';
import { INCIDENT_STATES, MAX_INCIDENT_NOTE, MAX_INCIDENT_TITLE, PRIORITIES } from '@transaction-guardian/contracts/incident-state.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { enumCheck, textCheck, type FieldCheck } from '../check/field-check.ts';
import type { BrokenRule } from '../check/finding.ts';
import { invalidBody, readFields } from './body-fields.ts';

const MOST_ALERTS = 100;
const FINGERPRINT = /^[0-9a-f]{16}$/;

const fingerprintsCheck: FieldCheck<string[]> = (value, field, findings) => {
  const isList = Array.isArray(value) && value.length <= MOST_ALERTS;
  if (isList && value.every((one): one is string => typeof one === 'string' && FINGERPRINT.test(one))) return [...new Set(value)];
  findings.push({ field, rule: 'fingerprints', params: { field } });
  return undefined;
};

const title = textCheck(MAX_INCIDENT_TITLE);
const priority = enumCheck(PRIORITIES);
const OPEN_CHECKS = { title, priority, alerts: fingerprintsCheck };
const CHANGE_CHECKS = {
  title,
  priority,
  state: enumCheck(INCIDENT_STATES),
  owner: enumCheck(['me', 'nobody'] as const),
  alerts: fingerprintsCheck,
};
const NOTE_CHECKS = { text: textCheck(MAX_INCIDENT_NOTE) };

/** Reads the body that opens an incident. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule; so do the others. */
export function readIncidentInput(body: unknown, locale: Locale): IncidentInput {
  const findings: BrokenRule[] = [];
  const { title: given, ...rest } = readFields(body, OPEN_CHECKS, findings);
  if (findings.length === 0 && given === undefined) findings.push({ field: 'title', rule: 'required' });
  if (findings.length > 0 || given === undefined) throw invalidBody(findings, locale);
  return { title: given, ...rest };
}

/** Reads the body of a change: at least one field. */
export function readIncidentChange(body: unknown, locale: Locale): IncidentChange {
  const findings: BrokenRule[] = [];
  const change = readFields(body, CHANGE_CHECKS, findings);
  if (findings.length === 0 && Object.keys(change).length === 0)
    findings.push({ field: '(body)', rule: 'no_change', params: { allowed: Object.keys(CHANGE_CHECKS).join(', ') } });
  if (findings.length > 0) throw invalidBody(findings, locale);
  return change;
}

/** Reads the body of a note. */
export function readIncidentNote(body: unknown, locale: Locale): IncidentNote {
  const findings: BrokenRule[] = [];
  const { text } = readFields(body, NOTE_CHECKS, findings);
  if (findings.length === 0 && text === undefined) findings.push({ field: 'text', rule: 'required' });
  if (findings.length > 0 || text === undefined) throw invalidBody(findings, locale);
  return { text };
}
