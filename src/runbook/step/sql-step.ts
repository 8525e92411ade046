import { messageOf } from '../../errors.ts';
import type { Database, Param } from '../../store/database.ts';
import { fill } from '../placeholder.ts';
import type { CheckFile } from '../runbook-schema.ts';
import { untilAborted } from '../../within.ts';
import { done, failed, type StepContext, type StepOutcome } from './step-context.ts';

/** Most rows that are read. */
const MAX_ROWS = 200;
const CURSOR = /^\s*(select|with|values|table)\b/i;

/** Reads from the database: one statement in a transaction that may not write, at most 200 rows. */
export async function runSqlStep(work: CheckFile, database: Database, context: StepContext): Promise<StepOutcome> {
  const { sql = '', args = [], expect = {} } = work;
  const params = args.map((value) => fill(value, context.values) as Param);
  let rows: readonly object[];
  try {
    // The database does not stop in the middle of a statement.
    rows = await untilAborted(read(database, sql, params), context.signal);
  } catch (error) {
    return context.signal.aborted ? failed('runbook_timeout') : failed('runbook_sql', { message: messageOf(error) });
  }
  for (const row of rows) context.output.print(JSON.stringify(row));
  const { rows_minimum: least = 0, rows_maximum: most = Number.POSITIVE_INFINITY } = expect;
  const n = rows.length;
  return n < least || n > most ? failed('runbook_rows', { n, minimum: least, maximum: Number.isFinite(most) ? most : MAX_ROWS }) : done;
}

function read(database: Database, sql: string, params: readonly Param[]): Promise<readonly object[]> {
  const statement = sql.trim().replace(/;$/, '');
  return database.transaction(async (tx) => {
    await tx.exec('set transaction read only');
    if (!CURSOR.test(statement)) return (await tx.query(statement, params)).slice(0, MAX_ROWS);
    await tx.query(`declare runbook_rows no scroll cursor for ${statement}`, params);
    return tx.query(`fetch ${MAX_ROWS} from runbook_rows`);
  });
}
