import { decimalSignOf } from './decimal-sign.ts';

const NEEDS_QUOTES = /[",\n\r]/;

/** Values of these columns as one line of CSV without the line end; '' for what is neither text nor number. Pure. */
export function csvCells(value: Readonly<Record<string, unknown>>, columns: readonly string[]): string {
  return columns.map((column) => cellOf(value[column])).join(',');
}

function cellOf(value: unknown): string {
  if (typeof value === 'number') return decimal(value);
  if (typeof value !== 'string') return '';
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A number without an exponent, which some readers do not take. */
function decimal(value: number): string {
  const text = String(value);
  const [, sign = '', digits = '', exponent] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(text) ?? [];
  // `1.500` could be fifteen hundred to a reader that does not know its writer; `1.5000` could not.
  if (exponent === undefined) return decimalSignOf(text) === 'unclear' ? `${text}0` : text;
  return Number(exponent) > 0 ? BigInt(value).toString() : `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${digits.replace('.', '')}`;
}
