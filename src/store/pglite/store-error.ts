import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import { errorOfSqlState, isPostgresError } from '../sql-state.ts';

/** Maps anything that the engine threw to an error of ours, keeping it as the cause. A trap of the engine is STORE_UNAVAILABLE with
 *  `data: { engine: 'dead' }`: only opening the database again helps. A parameter that does not fit is STORE_REFUSED. */
export function toStoreError(error: unknown): GuardianError {
  if (isGuardianError(error)) return error;
  if (isPostgresError(error)) return errorOfSqlState(error);
  const message = messageOf(error);
  if (isTrap(error)) {
    return new GuardianError('STORE_UNAVAILABLE', `The database engine died: ${message}`, {
      retryable: true,
      cause: error,
      data: { engine: 'dead' },
    });
  }
  return new GuardianError('STORE_REFUSED', `The database refused the statement: ${message}`, { cause: error });
}

/** True for the error of an engine that cannot serve any more, or must not: its files are damaged. */
export function isEngineDeath(error: unknown): error is GuardianError {
  return isGuardianError(error, 'STORE_CORRUPT') || (isGuardianError(error, 'STORE_UNAVAILABLE') && error.data['engine'] === 'dead');
}

function isTrap(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || error.name === 'ExitStatus');
}
