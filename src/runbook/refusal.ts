import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { isTextKey, reasonText, text, type Locale, type TextOptions } from '@transaction-guardian/contracts/text/text.ts';
import type { ParameterBreach } from './parameters.ts';
import type { RuleParams } from '../errors.ts';

/** Why a request about a runbook is refused; the sentences are `runbook.refused.<why>`. */
export type RefusalCode =
  | 'unknown'
  | 'unknown_run'
  | 'broken'
  | 'unavailable'
  | 'parameters'
  | 'role'
  | 'running'
  | 'cooldown'
  | 'changed'
  | 'not_resumable'
  | 'nothing_left'
  | 'not_running'
  | 'per_day'
  | 'alert_done'
  | 'code_unknown'
  | 'code_expired'
  | 'code_used'
  | 'code_sender'
  | 'code_same_person'
  | 'code_no_person'
  | 'code_role';

export interface Refusal {
  readonly kind: 'refused';
  readonly why: RefusalCode;
  readonly params: RuleParams;
  /** Of `parameters`: each broken rule. */
  readonly breaches?: readonly ParameterBreach[];
  /** Of `unavailable`: what this server lacks. */
  readonly reason?: Reason;
}

export function refusal(why: RefusalCode, params: RuleParams = {}): Refusal {
  return { kind: 'refused', why, params };
}

/** Refusals about who asks. */
export const FORBIDDEN: readonly RefusalCode[] = ['role', 'code_sender', 'code_same_person', 'code_no_person', 'code_role'];

/** The sentence of a refusal; of wrong parameters each with its rule. */
export function refusalText(locale: Locale, { why, params, breaches = [], reason }: Refusal, options: TextOptions = {}): string {
  const stateKey = `cli.runbook.state.${params['state'] ?? ''}`;
  const filled = {
    ...params,
    ...(reason === undefined ? {} : { reason: reasonText(locale, reason) }),
    ...(isTextKey(stateKey) ? { state: text(locale, stateKey) } : {}),
  };
  const rules = breaches.map((breach) => `${breach.name} ${breachText(locale, breach)}`).join('; ');
  return [text(locale, `runbook.refused.${why}`, filled, options), ...(rules === '' ? [] : [`${rules}.`])].join(' ');
}

/** What a value of a parameter breaks, without the name of the parameter. */
export function breachText(locale: Locale, { rule, params }: ParameterBreach): string {
  return text(locale, `problem.runbook_parameter.${rule}`, params);
}
