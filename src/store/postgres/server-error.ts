import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import { errorOfSqlState, isPostgresError } from '../sql-state.ts';

/** Maps what the client library threw to an error of ours, keeping it as the cause. What the server answered is told apart as by the
 *  embedded engine; anything else is a server that cannot be reached: STORE_UNAVAILABLE, retryable. */
export function toServerError(error: unknown): GuardianError {
  if (isGuardianError(error)) return error;
  if (isPostgresError(error)) return errorOfSqlState(error);
  return new GuardianError('STORE_UNAVAILABLE', `The database cannot be reached: ${reasonOf(error)}`, { retryable: true, cause: error });
}

/** The client says nothing but `AggregateError` where a name has several addresses. */
function reasonOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return messageOf(inner);
}
