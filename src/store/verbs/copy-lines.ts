import { isGuardianError } from '../../errors.ts';
import type { Sql } from '../database.ts';

const SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Rows in the text format of COPY, a line each with these fields; one that is undefined is null. */
export function copyLines<Row extends object>(rows: readonly Row[], fields: readonly (keyof Row)[]): string {
  let lines = '';
  for (const row of rows) {
    let line = '';
    for (const field of fields) {
      const value = row[field];
      if (line !== '') line += '\t';
      if (value === undefined) line += '\\N';
      else line += typeof value === 'string' ? value.replace(SPECIAL, (special) => ESCAPES[special] ?? special) : String(value);
    }
    lines += `${line}\n`;
  }
  return lines;
}

/** Runs `copy` inside a transaction. True when it went well; false, with nothing changed, when the database refused a row. */
export async function tryCopy(tx: Sql, copy: () => Promise<void>): Promise<boolean> {
  await tx.exec('savepoint copied');
  try {
    await copy();
    await tx.exec('release savepoint copied');
    return true;
  } catch (error) {
    if (!isGuardianError(error, 'STORE_REFUSED')) throw error;
    await tx.exec('rollback to savepoint copied');
    return false;
  }
}
