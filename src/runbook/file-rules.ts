import { hasCardNumber } from '../pan/card-number.ts';
import { durationMs, LONGEST_MS } from './duration.ts';
import { checkValue } from './parameters.ts';
import { GIVEN } from './placeholder.ts';
import type { RuleBreach } from './runbook-problem.ts';
import type { ParameterFile, RunbookFile, StepFile } from './runbook-schema.ts';
import { stepBreaches, textBreaches } from './step-rules.ts';

/** Names that are words of the API. */
const RESERVED: ReadonlySet<string> = new Set(['confirm']);

/** What a schema cannot say of a runbook. `stem`: the name of its file without `.yaml`. Pure. */
export function fileBreaches(runbook: RunbookFile, stem: string): readonly RuleBreach[] {
  const parameters = runbook.parameters ?? [];
  const cleanup = (runbook.on_failure ?? []).map((step, index) => ({ step, path: ['on_failure', index] }));
  const names = new Set([...parameters.map(({ name }) => name), ...GIVEN]);
  return [
    ...nameBreaches(runbook.name, stem),
    ...cardBreaches(runbook, []),
    ...textBreaches({ dry_run: runbook.dry_run }, [], names),
    ...parameters.flatMap((parameter, index) => parameterBreaches(parameter, index, parameters)),
    ...runbook.steps.flatMap((step, index) => stepBreaches(step, ['steps', index], names)),
    ...(runbook.on_failure ?? []).flatMap((step, index) => cleanupBreaches(step, index, names)),
    ...autoBreaches(runbook),
    ...longBreaches({ timeout: runbook.timeout }, []),
    ...[...runbook.steps.map((step, index) => ({ step, path: ['steps', index] })), ...cleanup].flatMap(({ step, path }) =>
      stepLength(step, path),
    ),
  ];
}

/** Fields with a card number: records of runs keep what a file says. */
function cardBreaches(value: unknown, path: RuleBreach['path']): readonly RuleBreach[] {
  if (typeof value === 'string' || typeof value === 'number') return hasCardNumber(String(value)) ? [{ path, rule: 'card_number' }] : [];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, child]) =>
    hasCardNumber(key) ? [{ path, rule: 'card_number' } as const] : cardBreaches(child, [...path, isList ? Number(key) : key]),
  );
}

function cleanupBreaches(step: RunbookFile['steps'][number], index: number, names: ReadonlySet<string>): readonly RuleBreach[] {
  const path = ['on_failure', index];
  const own: RuleBreach[] = step.action === 'restart-server' ? [{ path: [...path, 'action'], rule: 'restart_cleanup' }] : [];
  return [...own, ...stepBreaches(step, path, names)];
}

function nameBreaches(name: string, stem: string): RuleBreach[] {
  if (RESERVED.has(name)) return [{ path: ['name'], rule: 'reserved', params: { name } }];
  return name === stem ? [] : [{ path: ['name'], rule: 'file_name', params: { name: stem } }];
}

function parameterBreaches(parameter: ParameterFile, index: number, all: readonly ParameterFile[]): RuleBreach[] {
  const path = ['parameters', index];
  const { name, type } = parameter;
  if (all.findIndex((other) => other.name === name) !== index) return [{ path: [...path, 'name'], rule: 'twice', params: { name } }];
  if (GIVEN.some((given) => given === name)) return [{ path: [...path, 'name'], rule: 'reserved', params: { name } }];
  const missing = needed(parameter).filter((field) => !Object.hasOwn(parameter, field));
  if (missing.length > 0) return [{ path, rule: 'parameter_needs', params: { type, names: missing.join(', ') } }];
  const foreign = FOREIGN[type].filter((field) => Object.hasOwn(parameter, field));
  const found = foreign.map((field): RuleBreach => ({ path: [...path, field], rule: 'parameter_foreign', params: { type } }));
  if (found.length > 0) return found;
  if (type === 'string' && !isPattern(parameter.pattern ?? '')) return [{ path: [...path, 'pattern'], rule: 'regular_expression' }];
  if (!areBoundsRight(parameter)) return [{ path: [...path, 'minimum'], rule: 'bounds', params: { type } }];
  if (parameter.default === undefined || 'value' in checkValue(parameter, parameter.default)) return [];
  return [{ path: [...path, 'default'], rule: 'default_value' }];
}

/** Fields that say nothing of a type. */
const FOREIGN: Readonly<Record<ParameterFile['type'], readonly (keyof ParameterFile)[]>> = {
  string: ['minimum', 'maximum', 'choices'],
  integer: ['pattern', 'max_length', 'choices'],
  enum: ['pattern', 'max_length', 'minimum', 'maximum'],
  boolean: ['pattern', 'max_length', 'minimum', 'maximum', 'choices'],
  duration: ['pattern', 'max_length', 'choices'],
};

function needed({ type }: ParameterFile): readonly string[] {
  if (type === 'string') return ['pattern'];
  if (type === 'enum') return ['choices'];
  return type === 'integer' ? ['minimum', 'maximum'] : [];
}

function areBoundsRight({ type, minimum, maximum }: ParameterFile): boolean {
  if (type === 'integer') return Number.isInteger(minimum) && Number.isInteger(maximum) && Number(minimum) <= Number(maximum);
  if (type !== 'duration') return true;
  const bounds = [minimum, maximum].filter((bound) => bound !== undefined).map((bound) => durationMs(String(bound)));
  return bounds.every((bound) => bound !== undefined) && (bounds.length < 2 || Number(bounds[0]) <= Number(bounds[1]));
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').source !== '';
  } catch {
    return false;
  }
}

function stepLength(step: StepFile, path: RuleBreach['path']): RuleBreach[] {
  const { timeout, retry_wait, wait_until } = step;
  return [...longBreaches({ timeout, retry_wait }, path), ...longBreaches({ every: wait_until?.every }, [...path, 'wait_until'])];
}

function longBreaches(fields: Readonly<Record<string, string | undefined>>, path: RuleBreach['path']): RuleBreach[] {
  return Object.entries(fields)
    .filter(([, text]) => (durationMs(text ?? '') ?? 0) > LONGEST_MS)
    .map(([field]): RuleBreach => ({ path: [...path, field], rule: 'duration_most', params: { most: '24h' } }));
}

function autoBreaches({ auto, confirm, parameters = [] }: RunbookFile): RuleBreach[] {
  if (auto === undefined) return [];
  const open = parameters.filter((parameter) => parameter.default === undefined).map(({ name }) => name);
  return [
    ...(confirm === 'none' ? [] : [{ path: ['auto'], rule: 'auto_confirm' } as const]),
    ...(open.length === 0 ? [] : [{ path: ['auto'], rule: 'auto_default', params: { names: open.join(', ') } } as const]),
  ];
}
