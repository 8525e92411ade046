import { text, type Locale, type TextKey } from '@transaction-guardian/contracts/text/text.ts';
import type { RuleParams } from '../errors.ts';

/** Rules of settings; their sentences are `problem.config.<rule>`. */
export type ConfigRule = TextKey extends infer Key ? (Key extends `problem.config.${infer Rule}` ? Rule : never) : never;

/** What is wrong with a value. */
export interface RuleProblem {
  readonly rule: ConfigRule;
  readonly params?: RuleParams;
  /** Place in a list or an object, e.g. `[0].url`. */
  readonly place?: string;
  /** The value as it is shown; absent where it is a secret or says nothing. */
  readonly value?: string;
}

/** Where a value came from; `name` is the file, the variable or the flag. */
export interface SettingOrigin {
  readonly source: 'default' | 'file' | 'environment' | 'flag';
  readonly name: string;
}

/** One problem of the configuration: setting, rule, origin. */
export interface ConfigProblem extends RuleProblem {
  readonly setting: string;
  readonly origin: SettingOrigin;
}

/** Rules that speak of the value itself, which is their subject: `ana is the id of two people`. */
const OF_THE_VALUE: ReadonlySet<ConfigRule> = new Set([
  'account',
  'day',
  'identity_channel',
  'identity_twice',
  'person_twice',
  'process_twice',
  'reserved',
  'schedule_twice',
  'severity_twice',
]);

/** A problem as a sentence: `http.port must be <= 65535, not 99999 (guardian.yaml)`. */
export function configSentence(locale: Locale, problem: ConfigProblem): string {
  const { setting, origin, rule, params, place, value } = problem;
  const where = place === undefined ? setting : `${setting} ${place}:`;
  const says = text(locale, `problem.config.${rule}`, params ?? {});
  if (value === undefined) return `${where} ${says} (${origin.name})`;
  if (OF_THE_VALUE.has(rule)) return `${where} ${value} ${says} (${origin.name})`;
  return `${where} ${says}${text(locale, 'problem.config.not', { value })} (${origin.name})`;
}
