import { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { csvCells } from './write-cells.ts';

const COLUMNS = Object.keys(Transaction.properties);

/** Header line of `csvRow`: every field of a transaction. */
export const CSV_HEADER = COLUMNS.join(',');

/** One row as a line of CSV without the line end; without a count it is one transaction. Read back under `CSV_HEADER` it is
 *  the same row. Pure. */
export function csvRow(value: Readonly<Record<string, unknown>>): string {
  return csvCells({ ...value, count: value['count'] ?? 1 }, COLUMNS);
}
