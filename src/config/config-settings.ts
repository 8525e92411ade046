import { parse as parseYaml } from 'yaml';
import { Errors } from 'typebox/value';
import type { TSchema } from 'typebox';
import { ConfigSchema } from './config-schema.ts';

/** What the walk needs to know of a JSON schema. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
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

export type SettingValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

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

/** Reads the text of an environment variable or a flag as the type of the setting; lists and objects as JSON or YAML. */
export function readText(setting: Setting, text: string): SettingValue {
  const { type } = setting.schema;
  if (type === 'integer' || type === 'number') {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(number) ? { ok: true, value: number } : { ok: false, message: `must be a number, not ${show(text)}` };
  }
  if (type === 'boolean') {
    const value = WORDS[text.trim().toLowerCase()];
    return value === undefined ? { ok: false, message: `must be true or false, not ${show(text)}` } : { ok: true, value };
  }
  if (type !== 'array' && type !== 'object') return { ok: true, value: text };
  try {
    return { ok: true, value: parseYaml(text) as unknown };
  } catch {
    return { ok: false, message: `must be ${type === 'array' ? 'a list' : 'an object'} in JSON or YAML` };
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function article(type: string): string {
  if (type === 'array') return 'a list';
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function node(schema: unknown, pointer: string): SchemaNode | undefined {
  let current = schema as SchemaNode | undefined;
  for (const part of pointer.split('/').slice(1)) current = /^\d+$/.test(part) ? current?.items : current?.properties?.[part];
  return current;
}

function at(value: unknown, pointer: string): unknown {
  let current = value;
  for (const part of pointer.split('/').slice(1)) current = (current as Record<string, unknown> | undefined)?.[part];
  return current;
}

function hasSecret(schema: SchemaNode | undefined): boolean {
  if (schema === undefined) return false;
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
  if (Array.isArray(value)) return value.map((item) => hideSecrets(schema.items, item));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, hideSecrets(schema.properties?.[key], child)]));
}

function sentence(keyword: string, schema: SchemaNode | undefined, value: unknown, fallback: string): string {
  const shown = hasSecret(schema) ? '' : `, not ${show(value)}`;
  if (keyword === 'enum') return `must be one of ${(schema?.enum ?? []).join(', ')}${shown}`;
  if (keyword === 'type') return `must be ${article(schema?.type ?? 'value')}${shown}`;
  if (keyword === 'pattern') return `must match ${schema?.pattern}${shown}`;
  if (keyword === 'minLength') return 'must not be empty';
  return `${fallback}${shown}`;
}

/** What is wrong with a value of a setting, in words: empty when it is right. Secrets are never shown. */
export function problemsOf(setting: Setting, value: unknown): readonly string[] {
  const problems = new Set<string>();
  for (const error of Errors(setting.schema as TSchema, value)) {
    if (error.keyword === 'boolean') continue;
    const where = error.instancePath
      .slice(1)
      .replaceAll(/(^|\/)(\d+)/g, '[$2]')
      .replaceAll('/', '.');
    const prefix = where === '' ? '' : `${where}: `;
    if (error.keyword === 'additionalProperties') {
      problems.add(`${prefix}does not know ${error.params.additionalProperties.join(', ')}`);
    } else if (error.keyword === 'required') {
      problems.add(`${prefix}needs ${error.params.requiredProperties.join(', ')}`);
    } else
      problems.add(
        prefix + sentence(error.keyword, node(setting.schema, error.instancePath), at(value, error.instancePath), error.message),
      );
  }
  return [...problems];
}
