import {
  CHANNEL_PATTERN,
  CURSOR_PATTERN,
  DURATION_PATTERN,
  FOREIGN_ID_PATTERN,
  LOCAL_DAY_PATTERN,
  NODE_PATTERN,
  TIME_OF_DAY_PATTERN,
} from '@transaction-guardian/contracts/pattern.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TEXT_PATTERN } from '@transaction-guardian/contracts/transaction.ts';
import type { Static, TObject, TProperties, TSchema } from 'typebox';
import { enumCheck, foreignIdCheck, numberCheck, textCheck, type FieldCheck } from '../check/field-check.ts';
import type { BrokenRule } from '../check/finding.ts';
import { invalidBody, listCheck, momentCheck, readFields, type FieldChecks } from './body-fields.ts';

/** What a schema says of one field, as JSON Schema. */
interface FieldSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: TSchema;
  readonly properties?: TProperties;
  readonly required?: readonly string[];
}

/** Patterns with a rule or words of their own; another one is shown as it is. */
export const PATTERNS: Readonly<Record<string, Omit<BrokenRule, 'field'>>> = {
  [NODE_PATTERN]: { rule: 'node' },
  [CURSOR_PATTERN]: { rule: 'cursor' },
  [CHANNEL_PATTERN]: { rule: 'pattern', wording: 'pattern_channel' },
  [DURATION_PATTERN]: { rule: 'pattern', wording: 'pattern_duration' },
  [TIME_OF_DAY_PATTERN]: { rule: 'pattern', wording: 'pattern_time' },
  [LOCAL_DAY_PATTERN]: { rule: 'pattern', wording: 'pattern_day' },
};

/** Checks of the fields of a schema: a body has one truth, which the API description shows and the route enforces. `own`: checks of
 *  fields that say more than their schema. Throws TypeError for a kind of field that no check exists for. */
export function schemaChecks<P extends TProperties>(
  properties: P,
  own: FieldChecks = {},
): { readonly [Name in keyof P]: FieldCheck<Static<P[Name]>> } {
  const checks = Object.entries(properties).map(([name, field]) => [name, own[name] ?? checkOf(name, field)] as const);
  return Object.fromEntries(checks) as { readonly [Name in keyof P]: FieldCheck<Static<P[Name]>> };
}

/** Reads a body against its schema; times come back in UTC. `explain`: what to say of a field that existed in an earlier version.
 *  `checks`: as `own` of `schemaChecks`. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule; a missing field is
 *  reported once all others are right. */
export function readBody<S extends TObject>(
  schema: S,
  body: unknown,
  locale: Locale,
  { checks = {}, ...options }: { readonly explain?: (name: string) => BrokenRule | undefined; readonly checks?: FieldChecks } = {},
): Static<S> {
  const findings: BrokenRule[] = [];
  const fields = readFields(body, schemaChecks(schema.properties, checks), findings, options);
  if (findings.length === 0) findings.push(...missing(fields, schema.required));
  if (findings.length > 0) throw invalidBody(findings, locale);
  return fields as Static<S>;
}

function missing(fields: object, required: readonly string[] = [], prefix = ''): BrokenRule[] {
  return required.filter((name) => !Object.hasOwn(fields, name)).map((name) => ({ field: prefix + name, rule: 'required' }));
}

function checkOf(name: string, schema: TSchema): FieldCheck<unknown> {
  const field = schema as FieldSchema;
  if (field.const !== undefined) return oneOf([field.const]);
  if (field.enum !== undefined) return enumCheck(field.enum);
  switch (field.type) {
    case 'boolean':
      return oneOf([true, false]);
    case 'integer':
    case 'number':
      return numberCheck(field.minimum ?? -Infinity, field.maximum ?? Infinity, { integer: field.type === 'integer' });
    case 'string':
      return stringCheck(field);
    case 'array':
      return listCheck(checkOf(name, field.items ?? {}), field.minItems ?? 0, field.maxItems ?? Infinity);
    case 'object':
      if (field.properties !== undefined) return nestedCheck(field.properties, field.required);
      break;
    default:
      break;
  }
  throw new TypeError(`no check for the field ${name} of type ${field.type ?? 'unknown'}`);
}

function stringCheck({ format, pattern, minLength = 0, maxLength = Infinity }: FieldSchema): FieldCheck<unknown> {
  if (format === 'date-time') return utcCheck;
  if (pattern === FOREIGN_ID_PATTERN) return foreignIdCheck(maxLength);
  const ofText = textCheck(maxLength);
  // The check of texts knows more than this pattern.
  const own = pattern === TEXT_PATTERN ? undefined : pattern;
  const wanted = own === undefined ? undefined : new RegExp(own, 'u');
  return (value, field, findings) => {
    if (value === '' && minLength === 0 && wanted === undefined) return value;
    const text = ofText(value, field, findings);
    if (text === undefined || own === undefined || wanted?.test(text) !== false) return text;
    findings.push({ field, ...(PATTERNS[own] ?? { rule: 'pattern', params: { expected: own } }) });
    return undefined;
  };
}

/** A time with a zone, in UTC. */
const utcCheck: FieldCheck<string> = (value, field, findings) => {
  const at = momentCheck(value, field, findings);
  return at === undefined ? undefined : new Date(at).toISOString();
};

function nestedCheck(properties: TProperties, required: readonly string[] | undefined): FieldCheck<unknown> {
  const checks = schemaChecks(properties);
  return (value, field, findings) => {
    const before = findings.length;
    const fields = readFields(value, checks, findings, { prefix: `${field}.` });
    if (findings.length === before) findings.push(...missing(fields, required, `${field}.`));
    return findings.length === before ? fields : undefined;
  };
}

function oneOf(values: readonly unknown[]): FieldCheck<unknown> {
  return (value, field, findings) => {
    if (values.includes(value)) return value;
    findings.push({ field, rule: 'enum', params: { allowed: values.join(', ') } });
    return undefined;
  };
}
