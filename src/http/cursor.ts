import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { isGuardianError } from '../errors.ts';
import { toFieldErrors } from '../check/finding.ts';
import { decodeCursor } from '../store/verbs/page.ts';
import { problemError } from './problem.ts';

/** Throws HTTP_INVALID_REQUEST for an invalid cursor. */
export function checkCursor(cursor: string, locale: Locale): void {
  try {
    decodeCursor(cursor);
  } catch (error) {
    if (!isGuardianError(error, 'INGEST_INVALID')) throw error;
    throw problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([{ field: 'cursor', rule: 'cursor' }], locale) });
  }
}
