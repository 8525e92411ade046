import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import { closestName } from '../check/closest-name.ts';
import { DURATION } from './duration.ts';
import type { RuleBreach, RunbookRule } from './runbook-problem.ts';
import { RunbookSchema } from './runbook-schema.ts';

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
}

type Path = readonly (string | number)[];

const TYPES: Readonly<Record<string, RunbookRule>> = {
  array: 'list',
  boolean: 'boolean',
  integer: 'integer',
  object: 'section',
  string: 'string',
};
const SIGNS: Readonly<Record<string, string>> = { minimum: '>=', maximum: '<=' };

/** What the schema finds wrong with the content of a file. Pure. */
export function schemaBreaches(content: unknown): readonly RuleBreach[] {
  const breaches = new Map<string, RuleBreach>();
  for (const error of Errors(RunbookSchema as TSchema, content)) {
    for (const breach of breachesOf(content, error)) breaches.set(JSON.stringify([breach.path, breach.rule]), breach);
  }
  return [...breaches.values()];
}

function breachesOf(content: unknown, error: ReturnType<typeof Errors>[number]): RuleBreach[] {
  const path = pathOf(content, error.instancePath);
  const schema = schemaAt(path);
  switch (error.keyword) {
    case 'boolean':
    case 'anyOf':
      return error.keyword === 'boolean' ? [] : [{ path, rule: 'value' }];
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => unknownField(path, name, Object.keys(schema?.properties ?? {})));
    case 'required':
      return error.params.requiredProperties.map((name) => ({ path, rule: 'missing', params: { name } }));
    default:
      return [{ path, ...ruleOf(error.keyword, schema, error.params) }];
  }
}

function unknownField(path: Path, name: string, known: readonly string[]): RuleBreach {
  const near = closestName(name, known);
  const at = [...path, name];
  return near === undefined
    ? { path: at, rule: 'unknown', params: { names: known.join(', ') } }
    : { path: at, rule: 'unknown_near', params: { name: near } };
}

function ruleOf(keyword: string, schema: SchemaNode | undefined, params: object): Pick<RuleBreach, 'rule' | 'params'> {
  const sign = SIGNS[keyword];
  const limit = String('limit' in params ? params.limit : '');
  if (sign !== undefined) return { rule: 'limit', params: { sign, limit } };
  switch (keyword) {
    case 'enum':
      return { rule: 'choice', params: { choices: (schema?.enum ?? []).join(', ') } };
    case 'pattern':
      return schema?.pattern === DURATION ? { rule: 'duration' } : { rule: 'pattern', params: { pattern: schema?.pattern ?? '' } };
    case 'minLength':
    case 'minItems':
      return { rule: 'empty' };
    case 'maxLength':
    case 'maxItems':
      return { rule: 'too_long', params: { limit } };
    default:
      return { rule: TYPES[schema?.type ?? ''] ?? 'value' };
  }
}

/** A JSON pointer as keys and positions. */
function pathOf(content: unknown, pointer: string): Path {
  const path: (string | number)[] = [];
  let value = content;
  for (const raw of pointer.split('/').slice(1)) {
    const part = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(part) : part);
    value = (value as Record<string, unknown> | null | undefined)?.[part];
  }
  return path;
}

function schemaAt(path: Path): SchemaNode | undefined {
  let node = RunbookSchema as SchemaNode | undefined;
  for (const part of path)
    node = typeof part === 'number' ? node?.items : (node?.properties?.[part] ?? Object.values(node?.patternProperties ?? {})[0]);
  return node;
}
