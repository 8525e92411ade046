import { GuardianError, messageOf } from '../errors.ts';

/** The fields of a PostgreSQL error that we read. */
export interface PostgresError {
  readonly code: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** True for an error with a SQLSTATE. */
export function isPostgresError(error: unknown): error is Error & PostgresError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}

/** The error of ours for what the database answered, whichever engine it is. SQLSTATE classes 08, 40, 53, 57 and 58, and 25P03 and
 *  55P03 (a limit of time), are STORE_UNAVAILABLE (retryable), XX001 and XX002 STORE_CORRUPT, any other is STORE_REFUSED with
 *  `data: { sqlState, constraint, table, column }`. The original is kept as the cause, without what holds customers' data. */
export function errorOfSqlState(error: Error & PostgresError): GuardianError {
  const { code: sqlState, constraint, table, column } = error;
  const message = messageOf(error);
  withoutData(error);
  if (sqlState === 'XX001' || sqlState === 'XX002') {
    return new GuardianError('STORE_CORRUPT', `The database files are damaged: ${message}`, { cause: error, data: { sqlState } });
  }
  if (/^(?:08|40|53|57|58|25P03|55P03)/.test(sqlState)) {
    return new GuardianError('STORE_UNAVAILABLE', `The database cannot serve now: ${message}`, {
      retryable: true,
      cause: error,
      data: { sqlState },
    });
  }
  return new GuardianError('STORE_REFUSED', `The database refused the statement: ${message}`, {
    cause: error,
    data: { sqlState, constraint, table, column },
  });
}

/** Engine and client put statement and parameters on their errors, which no log may show. */
function withoutData(error: object): void {
  for (const key of ['query', 'params', 'queryOptions', 'detail', 'where']) Reflect.deleteProperty(error, key);
}
