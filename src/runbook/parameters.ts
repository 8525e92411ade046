import type { ParameterValues } from '@transaction-guardian/contracts/runbook.ts';
import { hasCardNumber } from '../pan/card-number.ts';
import { hasUnseen } from '../check/field-check.ts';
import { durationMs } from './duration.ts';
import type { RuleParams } from '../errors.ts';
import type { ParameterFile } from './runbook-schema.ts';

/** Why a value of a parameter is refused; the sentences are `problem.runbook_parameter.<rule>`. */
export interface ParameterBreach {
  readonly name: string;
  readonly rule: 'unknown' | 'missing' | 'type' | 'pattern' | 'too_long' | 'range' | 'choice' | 'duration' | 'characters' | 'card_number';
  readonly params: RuleParams;
}

export interface CheckedParameters {
  readonly values: ParameterValues;
  readonly breaches: readonly ParameterBreach[];
}

type Value = ParameterValues[string];
type Checked = { readonly value: Value } | { readonly rule: ParameterBreach['rule']; readonly params?: RuleParams };

const MAX_LENGTH = 128;
const WORDS: Readonly<Record<string, boolean>> = { true: true, sim: true, yes: true, false: false, não: false, nao: false, no: false };

/** Checks the values of a request: numbers and booleans may come as texts, as a chat and a command line write them. Pure. */
export function checkParameters(parameters: readonly ParameterFile[], given: Readonly<Record<string, unknown>>): CheckedParameters {
  const values: Record<string, Value> = {};
  const breaches: ParameterBreach[] = [];
  const names = parameters.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) breaches.push({ name: name.slice(0, 64), rule: 'unknown', params: { names: names.join(', ') || '-' } });
  }
  for (const parameter of parameters) {
    const { name } = parameter;
    const raw = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (raw === undefined) breaches.push({ name, rule: 'missing', params: {} });
    else {
      const checked = checkValue(parameter, raw);
      if ('value' in checked) values[name] = checked.value;
      else breaches.push({ name, rule: checked.rule, params: checked.params ?? {} });
    }
  }
  return { values, breaches };
}

/** Checks one value. Pure. */
export function checkValue(parameter: ParameterFile, raw: unknown): Checked {
  const { type } = parameter;
  switch (type) {
    case 'string':
      return checkString(parameter, raw);
    case 'integer':
      return checkInteger(parameter, raw);
    case 'boolean': {
      const value = typeof raw === 'boolean' ? raw : typeof raw === 'string' ? WORDS[raw.trim().toLowerCase()] : undefined;
      return value === undefined ? { rule: 'type', params: { type } } : { value };
    }
    case 'enum': {
      const choices = parameter.choices ?? [];
      return typeof raw === 'string' && choices.includes(raw)
        ? { value: raw }
        : { rule: 'choice', params: { choices: choices.join(', ') } };
    }
    case 'duration':
      return checkDuration(parameter, raw);
  }
}

function checkString({ pattern = '', max_length: most = MAX_LENGTH }: ParameterFile, raw: unknown): Checked {
  if (typeof raw !== 'string') return { rule: 'type', params: { type: 'string' } };
  if (raw.length > most) return { rule: 'too_long', params: { limit: most } };
  if (hasCardNumber(raw)) return { rule: 'card_number' };
  if (!raw.isWellFormed() || hasUnseen(raw)) return { rule: 'characters' };
  return new RegExp(`^(?:${pattern})$`, 'u').test(raw) ? { value: raw } : { rule: 'pattern', params: { pattern } };
}

function checkInteger({ minimum, maximum }: ParameterFile, raw: unknown): Checked {
  const value = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw.trim()) ? Number(raw) : raw;
  if (!Number.isSafeInteger(value)) return { rule: 'type', params: { type: 'integer' } };
  const [least, most] = [Number(minimum), Number(maximum)];
  const number = value as number;
  return number < least || number > most ? { rule: 'range', params: { minimum: String(least), maximum: String(most) } } : { value: number };
}

function checkDuration({ minimum, maximum }: ParameterFile, raw: unknown): Checked {
  const ms = typeof raw === 'string' ? durationMs(raw.trim()) : undefined;
  if (ms === undefined) return { rule: 'duration' };
  const least = durationMs(String(minimum ?? '')) ?? 1;
  const most = durationMs(String(maximum ?? '')) ?? Number.POSITIVE_INFINITY;
  if (ms < least || ms > most) return { rule: 'range', params: { minimum: String(minimum ?? '1ms'), maximum: String(maximum ?? '∞') } };
  return { value: String(raw).trim() };
}

/** What a value must be, in signs: `1..16`, a pattern, choices. Pure. */
export function ruleText({ type, pattern, minimum, maximum, choices }: ParameterFile): string {
  if (choices !== undefined) return choices.join(' | ');
  if (pattern !== undefined) return pattern;
  if (minimum !== undefined || maximum !== undefined) return `${minimum ?? ''}..${maximum ?? ''}`;
  return type;
}
