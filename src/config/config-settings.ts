import { parse as parseYaml } from 'yaml';
import { Default, Errors } from 'typebox/value';
import type { TSchema } from 'typebox';
import { branchOf, kindsOf } from './branch.ts';
import type { ConfigRule, RuleProblem } from './config-problem.ts';
import { ConfigSchema } from './config-schema.ts';

/** What the walk needs to know of a JSON schema. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  /** Forms, one for each `kind`. */
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  /** Values that meet the pattern. */
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  /** `url`: an address of which only the origin may be shown. */
  readonly secret?: true | 'url';
}

/** One setting: a leaf of the schema. `path` is dotted (`http.port`), `env` its variable (`GUARDIAN_HTTP_PORT`). */
export interface Setting {
  readonly path: string;
  readonly env: string;
  readonly schema: SchemaNode;
  readonly description: string;
}

export type SettingValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: RuleProblem };

function collect(node: SchemaNode, path: string, into: Setting[]): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const childPath = path === '' ? key : `${path}.${key}`;
    if (child.properties !== undefined) collect(child, childPath, into);
    else {
      const env = `GUARDIAN_${childPath.replaceAll('.', '_').toUpperCase()}`;
      into.push({ path: childPath, env, schema: child, description: child.description ?? '' });
    }
  }
}

/** Every setting of the configuration, in the order of the schema. */
export function listSettings(schema: TSchema = ConfigSchema): readonly Setting[] {
  const settings: Setting[] = [];
  collect(schema, '', settings);
  return settings;
}

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** Reads the text of an environment variable or a flag as the type of the setting; lists and objects as JSON or YAML, a list of
 *  texts also with commas between them: `kafka-1:9092,kafka-2:9092`. */
export function readText(setting: Setting, text: string): SettingValue {
  const { type } = setting.schema;
  if (type === 'integer' || type === 'number') {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(number) ? { ok: true, value: number } : { ok: false, problem: { rule: 'number', value: show(text) } };
  }
  if (type === 'boolean') {
    const value = WORDS[text.trim().toLowerCase()];
    return value === undefined ? { ok: false, problem: { rule: 'boolean', value: show(text) } } : { ok: true, value };
  }
  if (type !== 'array' && type !== 'object') return { ok: true, value: text };
  try {
    const value = parseYaml(text) as unknown;
    const isPlain = typeof value === 'string' && setting.schema.items?.type === 'string';
    return { ok: true, value: isPlain ? value.split(',').map((item) => item.trim()) : value };
  } catch {
    return { ok: false, problem: { rule: type === 'array' ? 'list' : 'object' } };
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function node(schema: SchemaNode, pointer: string): SchemaNode | undefined {
  let current: SchemaNode | undefined = schema;
  for (const part of pointer.split('/').slice(1)) current = /^\d+$/.test(part) ? current?.items : current?.properties?.[part];
  return current;
}

/** Fills in the defaults of a setting's value; each item of a list has those of its form. */
export function withDefaults(schema: SchemaNode, value: unknown): unknown {
  const { items } = schema;
  if (items?.anyOf === undefined || !Array.isArray(value)) return Default(schema as TSchema, value);
  return value.map((item: unknown) => {
    const form = branchOf(items, item);
    return form === undefined ? item : Default(form as TSchema, item);
  });
}

function at(value: unknown, pointer: string): unknown {
  let current = value;
  for (const part of pointer.split('/').slice(1)) current = (current as Record<string, unknown> | undefined)?.[part];
  return current;
}

function hasSecret(schema: SchemaNode | undefined): boolean {
  if (schema === undefined) return false;
  if (schema.anyOf?.some(hasSecret) === true) return true;
  return schema.secret !== undefined || hasSecret(schema.items) || Object.values(schema.properties ?? {}).some(hasSecret);
}

/** Origin of an address that is a secret, e.g. `https://example.com`; '' for a text that is no address. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** Copy of a setting's value with every secret in it replaced by `********`; of an address the origin stays. */
export function hideSecrets(schema: SchemaNode | undefined, value: unknown): unknown {
  if (schema === undefined || value === undefined || value === null) return value;
  if (schema.secret === true) return '********';
  if (schema.secret === 'url') return typeof value === 'string' ? `${originOf(value)}/********` : '********';
  if (schema.anyOf !== undefined) return hideSecrets(branchOf(schema, value), value);
  if (Array.isArray(value)) return value.map((item) => hideSecrets(schema.items, item));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, hideSecrets(schema.properties?.[key], child)]));
}

/** Rules of types of a JSON schema. */
const TYPES: Readonly<Record<string, ConfigRule>> = {
  array: 'list',
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
  object: 'object',
  string: 'string',
};
const SIGNS: Readonly<Record<string, string>> = { minimum: '>=', maximum: '<=', exclusiveMinimum: '>', exclusiveMaximum: '<' };

/** The rule that a schema's keyword stands for. `params`: those of the validator. */
function ruleOf(keyword: string, schema: SchemaNode | undefined, params: object): Pick<RuleProblem, 'rule' | 'params'> {
  const sign = SIGNS[keyword];
  if (sign !== undefined) return { rule: 'limit', params: { sign, limit: String('limit' in params ? params.limit : '') } };
  switch (keyword) {
    case 'enum':
      return { rule: 'choice', params: { choices: (schema?.enum ?? []).join(', ') } };
    case 'pattern':
      return schema?.examples === undefined
        ? { rule: 'pattern', params: { pattern: schema?.pattern ?? '' } }
        : { rule: 'like', params: { examples: schema.examples.join(', ') } };
    case 'minLength':
      return { rule: 'empty' };
    default:
      return { rule: TYPES[schema?.type ?? ''] ?? 'value' };
  }
}

/** What is wrong with a value of a setting: empty when it is right. Secrets are never shown. */
export function problemsOf(setting: Setting, value: unknown): readonly RuleProblem[] {
  const { items } = setting.schema;
  if (items?.anyOf === undefined || !Array.isArray(value)) return breachesOf(setting.schema, value, '');
  return value.flatMap((item: unknown, index) => {
    const form = branchOf(items, item);
    if (form !== undefined) return breachesOf(form, item, `/${index}`);
    return [{ place: `[${index}].kind`, rule: 'choice' as const, params: { choices: kindsOf(items).join(', ') } }];
  });
}

/** `at`: where the value is in that of its setting, as a JSON pointer. */
function breachesOf(schema: SchemaNode, value: unknown, at: string): readonly RuleProblem[] {
  const problems = new Map<string, RuleProblem>();
  for (const error of Errors(schema as TSchema, value)) {
    if (error.keyword === 'boolean') continue;
    const problem = problemOf(schema, value, error, at);
    problems.set(JSON.stringify(problem), problem);
  }
  return [...problems.values()];
}

function problemOf(form: SchemaNode, value: unknown, error: ReturnType<typeof Errors>[number], start: string): RuleProblem {
  const path = `${start}${error.instancePath}`
    .slice(1)
    .replaceAll(/(^|\/)(\d+)/g, '[$2]')
    .replaceAll('/', '.');
  const place = path === '' ? {} : { place: path };
  if (error.keyword === 'additionalProperties')
    return { ...place, rule: 'extra', params: { names: error.params.additionalProperties.join(', ') } };
  if (error.keyword === 'required') return { ...place, rule: 'missing', params: { names: error.params.requiredProperties.join(', ') } };
  const schema = node(form, error.instancePath);
  const isShown = !hasSecret(schema) && error.keyword !== 'minLength';
  return {
    ...place,
    ...ruleOf(error.keyword, schema, error.params),
    ...(isShown ? { value: show(at(value, error.instancePath)) } : {}),
  };
}
