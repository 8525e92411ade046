import type { FieldError } from '@transaction-guardian/contracts/problem.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { ErrorCode } from '../errors.ts';
import { toFieldErrors, type BrokenRule } from '../check/finding.ts';

/** What became of one item. `duplicate`: it is there already, with the same content. `checked: false`: the store did not say in
 *  time whether it has the id with other content; it looks when it counts the record, and the first content stays. */
export type IngestOutcome =
  | { readonly kind: 'accepted' | 'duplicate'; readonly id: string; readonly checked?: false }
  | { readonly kind: 'refused'; readonly id?: string | undefined; readonly code: ErrorCode; readonly errors: readonly FieldError[] };

/** The outcome of an item that breaks rules, in the words of `locale`. */
export function refused(findings: readonly BrokenRule[], locale: Locale, id?: string): IngestOutcome {
  const code = findings.some(({ rule }) => rule === 'card_number') ? 'INGEST_CARD_NUMBER' : 'INGEST_INVALID';
  return { kind: 'refused', id, code, errors: toFieldErrors(findings, locale) };
}
