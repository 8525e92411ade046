import { text, type Locale, type TextKey } from '@transaction-guardian/contracts/text/text.ts';
import type { RuleParams } from '../errors.ts';
import { maskCardNumbers } from '../pan/card-number.ts';

/** Rules of runbook files; their sentences are `problem.runbook.<rule>`. */
export type RunbookRule = TextKey extends infer Key ? (Key extends `problem.runbook.${infer Rule}` ? Rule : never) : never;

/** A broken rule of a field. `path`: keys and positions from the root of the file. */
export interface RuleBreach {
  readonly path: readonly (string | number)[];
  readonly rule: RunbookRule;
  readonly params?: RuleParams;
}

/** One problem of a runbook file. `line`: from 1. */
export interface RunbookProblem {
  readonly file: string;
  readonly line: number;
  /** E.g. `steps[0].timeout`; '' for the whole file. */
  readonly field: string;
  readonly rule: RunbookRule;
  readonly params: RuleParams;
}

/** A problem as a sentence, card numbers of the file masked: `restart-api.yaml:12: steps[0].timeout must be a duration such as 30s`. */
export function runbookSentence(locale: Locale, { file, line, field, rule, params }: RunbookProblem): string {
  const what = text(locale, `problem.runbook.${rule}`, params);
  return `${file}:${line}: ${maskCardNumbers(`${field === '' ? '' : `${field} `}${what}`)}`;
}

/** `steps[0].timeout`. Pure. */
export function fieldName(path: readonly (string | number)[]): string {
  return path.reduce<string>((name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`), '');
}
