import { decimalSignOf } from '../../decimal-sign.ts';
import { Transaction } from '@transaction-guardian/contracts/transaction.ts';

const COLUMNS = Object.keys(Transaction.properties);
const NEEDS_QUOTES = /[",\n\r]/;

/** Header line of `csvRow`: every field of a transaction. */
export const CSV_HEADER = COLUMNS.join(',');

/** One row as a line of CSV without the line end; without a count it is one transaction. Read back under `CSV_HEADER` it is
 *  the same row. Pure. */
export function csvRow(value: Readonly<Record<string, unknown>>): string {
  return csvCells(value, COLUMNS);
}

/** The same for columns of the caller's choice. Pure. */
export function csvCells(value: Readonly<Record<string, unknown>>, columns: readonly string[]): string {
  return columns.map((column) => cellOf(column === 'count' ? (value[column] ?? 1) : value[column])).join(',');
}

function cellOf(value: unknown): string {
  if (typeof value === 'number') return decimal(value);
  if (typeof value !== 'string') return '';
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A number without an exponent, which the reader does not take. */
function decimal(value: number): string {
  const text = String(value);
  const [, sign = '', digits = '', exponent] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(text) ?? [];
  // `1.500` could be fifteen hundred to a reader that does not know its writer; `1.5000` could not.
  if (exponent === undefined) return decimalSignOf(text) === 'unclear' ? `${text}0` : text;
  return Number(exponent) > 0 ? BigInt(value).toString() : `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${digits.replace('.', '')}`;
}
