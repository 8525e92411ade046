import { csvCells } from '../csv/write-cells.ts';
import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';

/** Columns of a file of the simulator, in order: the names of the fields, so that the general layout reads it. */
export const CSV_COLUMNS = [
  'id',
  'timestamp',
  'status',
  'count',
  'amount',
  'currency',
  'merchant_id',
  'auth_code',
  'card_bin',
  'acquirer',
  'payment_method',
  'customer_id',
] as const satisfies readonly (keyof Transaction)[];

/** One line of CSV without the line end; a record without a count is one transaction. */
export function csvLine(row: Transaction): string {
  return csvCells({ ...row, count: row.count ?? 1 }, CSV_COLUMNS);
}
