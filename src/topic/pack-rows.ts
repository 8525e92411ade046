import type { PackedColumn, PackedRows } from '@transaction-guardian/contracts/window.ts';

/** A flat row; a field that is absent stays absent. */
export type FlatRow = Readonly<Record<string, string | number | undefined>>;

/** Rows as columns: about a sixth of the JSON of ten thousands of them, in either direction faster. Inverse: `unpackRows`. Pure. */
export function packRows(rows: readonly FlatRow[]): PackedRows {
  const isText = new Map<string, boolean>();
  for (const row of rows) {
    for (const key in row) if (isText.get(key) !== true) isText.set(key, typeof row[key] === 'string');
  }
  const columns: Record<string, PackedColumn> = {};
  for (const [key, text] of isText) columns[key] = text ? packTexts(rows, key) : { numbers: rows.map((row) => numberOf(row[key])) };
  return { length: rows.length, columns };
}

const numberOf = (value: string | number | undefined): number | null => (typeof value === 'number' ? value : null);

function packTexts(rows: readonly FlatRow[], key: string): PackedColumn {
  const places = new Map<string | null, number>();
  const at: number[] = [];
  let before = 0;
  for (const row of rows) {
    const value = row[key];
    const text = typeof value === 'string' ? value : null;
    let place = places.get(text);
    if (place === undefined) places.set(text, (place = places.size));
    at.push(place - before);
    before = place;
  }
  return { texts: [...places.keys()], at };
}

/** The rows that were packed, fields in the order of the columns. Throws RangeError when the value was not made by `packRows`. */
export function unpackRows(packed: PackedRows): FlatRow[] {
  const { length, columns } = packed;
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError('the number of rows is none');
  const rows = Array.from({ length }, (): Record<string, string | number> => ({}));
  for (const [key, column] of Object.entries(columns)) {
    if ('texts' in column) unpackTexts(rows, key, column.texts, column.at);
    else unpackNumbers(rows, key, column.numbers);
  }
  return rows;
}

function unpackTexts(rows: Record<string, string | number>[], key: string, texts: readonly (string | null)[], at: readonly number[]): void {
  if (at.length !== rows.length) throw new RangeError(`the column ${key} has another length`);
  let place = 0;
  for (const [index, row] of rows.entries()) {
    place += at[index] ?? Number.NaN;
    const text = texts[place];
    if (text === undefined) throw new RangeError(`the column ${key} names a text that it does not have`);
    if (text !== null) row[key] = text;
  }
}

function unpackNumbers(rows: Record<string, string | number>[], key: string, numbers: readonly (number | null)[]): void {
  if (numbers.length !== rows.length) throw new RangeError(`the column ${key} has another length`);
  for (const [index, row] of rows.entries()) {
    const number = numbers[index];
    if (typeof number === 'number') row[key] = number;
  }
}
