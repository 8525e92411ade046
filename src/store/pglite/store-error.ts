import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';

/** The fields of a PostgreSQL error that we read. */
interface PostgresError {
  readonly code: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** Maps anything that the database threw to an error of ours, keeping it as the cause. SQLSTATE classes 08, 40, 53, 57 and
 *  58 are STORE_UNAVAILABLE (retryable), XX001 and XX002 STORE_CORRUPT, any other SQLSTATE is STORE_REFUSED with
 *  `data: { sqlState, constraint, table, column }`, as is a parameter that does not fit. A trap of the engine is
 *  STORE_UNAVAILABLE with `data: { engine: 'dead' }`: only opening the database again helps. */
export function toStoreError(error: unknown): GuardianError {
  if (isGuardianError(error)) return error;
  const message = messageOf(error);
  if (!isPostgresError(error)) {
    if (isTrap(error)) {
      return new GuardianError('STORE_UNAVAILABLE', `The database engine died: ${message}`, {
        retryable: true,
        cause: error,
        data: { engine: 'dead' },
      });
    }
    return new GuardianError('STORE_REFUSED', `The database refused the statement: ${message}`, { cause: error });
  }
  const sqlState = error.code;
  withoutData(error);
  if (sqlState === 'XX001' || sqlState === 'XX002') {
    return new GuardianError('STORE_CORRUPT', `The database files are damaged: ${message}`, { cause: error, data: { sqlState } });
  }
  if (/^(?:08|40|53|57|58)/.test(sqlState)) {
    return new GuardianError('STORE_UNAVAILABLE', `The database cannot serve now: ${message}`, {
      retryable: true,
      cause: error,
      data: { sqlState },
    });
  }
  const { constraint, table, column } = error;
  return new GuardianError('STORE_REFUSED', `The database refused the statement: ${message}`, {
    cause: error,
    data: { sqlState, constraint, table, column },
  });
}

/** The engine puts statement and parameters on its errors: they hold customers' data, which no log may show. */
function withoutData(error: object): void {
  for (const key of ['query', 'params', 'queryOptions', 'detail', 'where']) Reflect.deleteProperty(error, key);
}

/** True for the error of an engine that cannot serve any more, or must not: its files are damaged. */
export function isEngineDeath(error: unknown): error is GuardianError {
  return isGuardianError(error, 'STORE_CORRUPT') || (isGuardianError(error, 'STORE_UNAVAILABLE') && error.data['engine'] === 'dead');
}

function isTrap(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || error.name === 'ExitStatus');
}

function isPostgresError(error: unknown): error is Error & PostgresError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}
