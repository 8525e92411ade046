import { ConfirmInput, RunInput } from '@transaction-guardian/contracts/runbook.ts';
import { MAX_CODE } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FieldCheck } from '../check/field-check.ts';
import { jsonType } from '../check/finding.ts';
import { readBody } from './schema-checks.ts';

/** Which parameters there are, and what their values may be, the file of the runbook says. */
const parametersCheck: FieldCheck<Readonly<Record<string, unknown>>> = (value, field, findings) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  findings.push({ field, rule: 'type', wording: 'body_object', params: { got: jsonType(value) } });
  return undefined;
};

const codeCheck: FieldCheck<string> = (value, field, findings) => {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_CODE) return value;
  findings.push({ field, rule: 'code' });
  return undefined;
};

/** Reads the parameters of a request to run a runbook; their values are checked against its file. No body: no parameters. Throws
 *  INGEST_INVALID, naming field and rule. */
export function readRunInput(body: unknown, locale: Locale): Readonly<Record<string, unknown>> {
  return readBody(RunInput, body === undefined ? {} : body, locale, { checks: { parameters: parametersCheck } }).parameters ?? {};
}

/** Reads the code of a confirmation. Throws like `readRunInput`. */
export const readCode = (body: unknown, locale: Locale): string =>
  readBody(ConfirmInput, body, locale, { checks: { code: codeCheck } }).code;
