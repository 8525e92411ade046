import type { FieldError } from '@transaction-guardian/contracts/problem.ts';
import { isTextKey, text, type Locale, type TextParams } from '@transaction-guardian/contracts/text/text.ts';
import { maskCardNumbers } from '../pan/card-number.ts';

const MAX_NAME_LENGTH = 64;

/** One broken rule of one field, before it is put into words. `wording` is the text to use when a rule has several. */
export interface BrokenRule {
  readonly field: string;
  readonly rule: string;
  readonly wording?: string;
  readonly params?: TextParams;
}

/** Findings in the words of `locale`, in the same order. */
export function toFieldErrors(findings: readonly BrokenRule[], locale: Locale): FieldError[] {
  return findings.map(({ field, rule, wording, params }) => ({ field, rule, message: ruleMessage(locale, wording ?? rule, params) }));
}

function ruleMessage(locale: Locale, wording: string, params: TextParams | undefined): string {
  const key = `problem.rule.${wording}`;
  return isTextKey(key) ? text(locale, key, params) : wording;
}

/** A field name that a client chose, fit to be shown: no card number, no control characters, at most 64 characters. */
export function shownField(name: string): string {
  const clean = maskCardNumbers(name.slice(0, 256))
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
  return clean.length > MAX_NAME_LENGTH ? `${clean.slice(0, MAX_NAME_LENGTH)}…` : clean;
}

/** JSON's name of a value's type. */
export function jsonType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
