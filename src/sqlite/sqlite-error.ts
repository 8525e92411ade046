const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Primary result code of an error of SQLite; 0 for any other error. */
export function sqliteCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code & 0xff : 0;
}

/** True when the stored data themselves are damaged. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}
