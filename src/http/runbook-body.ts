import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { jsonType, shownName, toFieldErrors, type BrokenRule } from '../check/finding.ts';
import { problemError } from './problem.ts';

const MAX_CODE = 64;

/** Reads the parameters of a request to run a runbook; their values are checked against its file. No body: no parameters. Throws
 *  INGEST_INVALID, naming field and rule. */
export function readRunInput(body: unknown, locale: Locale): Readonly<Record<string, unknown>> {
  const { parameters = {} } = readObject(body === undefined ? {} : body, ['parameters'], locale);
  if (!isObject(parameters))
    throw invalid([{ field: 'parameters', rule: 'type', wording: 'body_object', params: { got: jsonType(parameters) } }], locale);
  return parameters;
}

/** Reads the code of a confirmation. Throws like `readRunInput`. */
export function readCode(body: unknown, locale: Locale): string {
  const { code } = readObject(body, ['code'], locale);
  if (typeof code === 'string' && code.trim() !== '' && code.length <= MAX_CODE) return code;
  throw invalid([code === undefined ? { field: 'code', rule: 'required' } : { field: 'code', rule: 'code' }], locale);
}

function readObject(body: unknown, names: readonly string[], locale: Locale): Readonly<Record<string, unknown>> {
  if (!isObject(body)) throw invalid([{ field: '(body)', rule: 'type', wording: 'body_object', params: { got: jsonType(body) } }], locale);
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  const findings = unknown.map((name): BrokenRule => ({
    field: shownName(name),
    rule: 'unknown_field',
    params: { allowed: names.join(', ') },
  }));
  if (findings.length > 0) throw invalid(findings, locale);
  return body;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function invalid(findings: readonly BrokenRule[], locale: Locale): Error {
  return problemError('INGEST_INVALID', { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
}
