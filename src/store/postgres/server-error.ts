import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import { errorOfSqlState, isPostgresError } from '../sql-state.ts';

/** Maps what the client library threw to an error of ours, keeping it as the cause. What the server answered is told apart as by the
 *  embedded engine; anything else is a server that cannot be reached: STORE_UNAVAILABLE, retryable. */
export function toServerError(error: unknown): GuardianError {
  if (isGuardianError(error)) return error;
  if (isPostgresError(error)) return startupError(error) ?? errorOfSqlState(error);
  return new GuardianError('STORE_UNAVAILABLE', `The database cannot be reached: ${reasonOf(error)}`, { retryable: true, cause: error });
}

/** The client says nothing but `AggregateError` where a name has several addresses. */
function reasonOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return messageOf(inner);
}

/** PgBouncer ends a connection that asks for a setting of which its configuration does not know. */
function startupError(error: Error): GuardianError | undefined {
  const [, name] = /unsupported startup parameter: (\w+)/.exec(error.message) ?? [];
  if (name === undefined) return undefined;
  return new GuardianError(
    'CONFIG_INVALID',
    `The pool at store.url refuses "${name}" of a new connection: give PgBouncer ignore_startup_parameters = ${STARTUP_PARAMETERS}, and set the timeouts for the user (alter role ... set statement_timeout).`,
    { cause: error },
  );
}

const STARTUP_PARAMETERS = 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options';
