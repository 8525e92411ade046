import { text, type Locale, type TextKey } from '@transaction-guardian/contracts/text/text.ts';
import { GuardianError, type RuleParams } from '../errors.ts';

/** Rules of the header and the time column of a file; their sentences are `problem.csv.<rule>`. */
export type LayoutRule = TextKey extends infer Key ? (Key extends `problem.csv.${infer Rule}` ? Rule : never) : never;

/** The error for a file whose header or whose time column cannot be read. */
export function layoutError(rule: LayoutRule, params: RuleParams = {}): GuardianError {
  return new GuardianError('CSV_LAYOUT', `The CSV cannot be read: ${text('en', `problem.csv.${rule}`, params)}.`, { rule, params });
}

/** The sentence of a `layoutError` in the reader's language. */
export function layoutReason(locale: Locale, { rule, params }: GuardianError): string {
  return `${text(locale, `problem.csv.${rule as LayoutRule}`, params)}.`;
}
