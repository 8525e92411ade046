import type { Static, TObject, TProperties, TSchema } from 'typebox';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { enumCheck, textCheck, type FieldCheck } from '../check/field-check.ts';
import type { BrokenRule } from '../check/finding.ts';
import { invalidBody, readFields, type FieldChecks } from './body-fields.ts';

/** What a schema says of one field, as JSON Schema. */
interface FieldSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
}

/** Checks of the fields of a schema: a body has one truth, which the API description shows and the route enforces. A text without
 *  a `maxLength`, such as a time, is taken as it comes. `own`: checks of fields that say more than their
 *  schema. Throws TypeError for a kind of field that no check exists for. */
export function schemaChecks<P extends TProperties>(
  properties: P,
  own: FieldChecks = {},
): { readonly [Name in keyof P]: FieldCheck<Static<P[Name]>> } {
  const checks = Object.entries(properties).map(([name, field]) => [name, own[name] ?? checkOf(name, field)] as const);
  return Object.fromEntries(checks) as { readonly [Name in keyof P]: FieldCheck<Static<P[Name]>> };
}

/** Reads a body against its schema. `explain`: what to say of a field that existed in an earlier version. `checks`: as of
 *  `schemaChecks`. Throws INGEST_INVALID and
 *  INGEST_CARD_NUMBER, naming field and rule; a missing field is reported once all others are right. */
export function readBody<S extends TObject>(
  schema: S,
  body: unknown,
  locale: Locale,
  { checks = {}, ...options }: { readonly explain?: (name: string) => BrokenRule | undefined; readonly checks?: FieldChecks } = {},
): Static<S> {
  const findings: BrokenRule[] = [];
  const fields = readFields(body, schemaChecks(schema.properties, checks), findings, options);
  const required: readonly string[] = schema.required ?? [];
  if (findings.length === 0) for (const field of required) if (!Object.hasOwn(fields, field)) findings.push({ field, rule: 'required' });
  if (findings.length > 0) throw invalidBody(findings, locale);
  return fields as Static<S>;
}

function checkOf(name: string, schema: TSchema): FieldCheck<unknown> {
  const field = schema as FieldSchema;
  if (field.const !== undefined) return oneOf([field.const]);
  if (field.enum !== undefined) return enumCheck(field.enum);
  if (field.type === 'boolean') return oneOf([true, false]);
  if (field.type === 'string') return field.maxLength === undefined ? (value) => value : textCheck(field.maxLength);
  throw new TypeError(`no check for the field ${name} of type ${field.type ?? 'unknown'}`);
}

function oneOf(values: readonly unknown[]): FieldCheck<unknown> {
  return (value, field, findings) => {
    if (values.includes(value)) return value;
    findings.push({ field, rule: 'enum', params: { allowed: values.join(', ') } });
    return undefined;
  };
}
