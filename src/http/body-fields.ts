import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FieldCheck } from '../check/field-check.ts';
import { jsonType, shownField, toFieldErrors, type BrokenRule } from '../check/finding.ts';
import { parseTimestamp } from '../check/timestamp.ts';
import { problemError } from './problem.ts';

/** Checks by the name of the field. */
export type FieldChecks = Readonly<Record<string, FieldCheck<unknown>>>;

/** The fields that are right; a wrong one is left out and is a finding. */
export type CheckedFields<C extends FieldChecks> = { -readonly [Name in keyof C]?: Exclude<ReturnType<C[Name]>, undefined> };

/** Reads an object field by field. `explain`: what to say of a field that there was once. */
export function readFields<C extends FieldChecks>(
  body: unknown,
  checks: C,
  findings: BrokenRule[],
  {
    prefix = '',
    explain = () => undefined,
  }: { readonly prefix?: string; readonly explain?: (name: string) => BrokenRule | undefined } = {},
): CheckedFields<C> {
  const fields: Record<string, unknown> = {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const field = prefix === '' ? '(body)' : prefix.slice(0, -1);
    findings.push({ field, rule: 'type', wording: 'body_object', params: { got: jsonType(body) } });
    return fields as CheckedFields<C>;
  }
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const allowed = Object.keys(checks).join(', ');
      findings.push(explain(name) ?? { field: prefix + shownField(name), rule: 'unknown_field', params: { allowed } });
      continue;
    }
    const checked = check(value, prefix + name, findings);
    if (checked !== undefined) fields[name] = checked;
  }
  return fields as CheckedFields<C>;
}

/** A list of `minimum` to `maximum` items, each of which `check` takes. */
export function listCheck<T>(check: FieldCheck<T>, minimum: number, maximum: number): FieldCheck<T[]> {
  return (value, field, findings) => {
    if (!Array.isArray(value) || value.length < minimum || value.length > maximum) {
      findings.push({ field, rule: 'list', params: { minimum, maximum } });
      return undefined;
    }
    const items = value.map((item, index) => check(item, `${field}[${index}]`, findings));
    return items.every((item): item is Exclude<typeof item, undefined> => item !== undefined) ? items : undefined;
  };
}

/** An ISO 8601 time with a zone, as epoch milliseconds. */
export const momentCheck: FieldCheck<number> = (value, field, findings) => {
  const at = typeof value === 'string' ? parseTimestamp(value, () => Number.NaN) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  findings.push({ field, rule: 'timestamp_zone' });
  return undefined;
};

/** The refusal of a body. */
export function invalidBody(findings: readonly BrokenRule[], locale: Locale): Error {
  const code = findings.some(({ rule }) => rule === 'card_number') ? 'INGEST_CARD_NUMBER' : 'INGEST_INVALID';
  return problemError(code, { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
}
