import { layoutError } from './layout-error.ts';
import { isUtf8 } from 'node:buffer';
import { maskCardNumbers } from '../pan/card-number.ts';
import { shownField, type BrokenRule } from '../check/finding.ts';
import { bodyFinding, type Piece, type StreamItem } from '../check/stream-item.ts';
import { isCountRow } from './csv-layout.ts';
import { isNumeric, type Table } from './csv-table.ts';
import { isClock, isoTime, joinTime } from './csv-time.ts';
import { isMissing, numberOf, statusAt } from './csv-values.ts';
import type { CsvOptions } from './csv-options.ts';
import type { RowIds } from './row-ids.ts';

/** One line of a file; `cells` is null for what cannot be split. */
export interface Row {
  readonly piece: Piece;
  readonly line: string;
  readonly cells: readonly string[] | null;
}

type Value = Record<string, unknown>;
type RowOptions = Pick<CsvOptions, 'date' | 'takesDays' | 'times' | 'ids' | 'maxLineBytes'>;

/** True for a line of separators only. */
export function isEmptyRow({ cells }: Row): boolean {
  return cells !== null && cells.length > 1 && cells.every((cell) => cell === '');
}

/** Makes the reading of rows: each gives one item, or, in a file with a column for each status, one for every status. */
export function createRowReader(options: RowOptions, rowIds: RowIds): (row: Row, table: Table, into: StreamItem[]) => void {
  return (row, table, into) => {
    const { at } = row.piece;
    const raw = maskCardNumbers(row.line);
    const whole = wholeFault(row, table, options);
    if (whole !== null) {
      // `1,216` without quotes is two cells: the row is wrong, and its minute is known.
      const minute = row.cells !== null && isCountRow(table.layout) ? timeOf(row, table, options, []) : undefined;
      const known = minute === undefined ? {} : { timestamp: minute };
      into.push({ kind: 'broken', at, ...(row.piece.bytes === null ? {} : { raw }), findings: [whole], ...known });
      return;
    }
    const cells = row.cells ?? [];
    const findings: BrokenRule[] = [];
    const timestamp = timeOf(row, table, options, findings);
    const values = valuesOf(cells, table, findings).map((value) => (timestamp === undefined ? value : { ...value, timestamp }));
    if (findings.length > 0) {
      into.push({ kind: 'broken', at, raw, findings, ...(timestamp === undefined || !isCountRow(table.layout) ? {} : { timestamp }) });
      return;
    }
    for (const value of values) {
      if (options.ids !== false && table.layout.kind !== 'value') value['id'] ??= rowIds.next(canonical(value));
      options.times?.place(value);
      into.push({ kind: 'item', at, value, raw });
    }
  };
}

/** What is wrong with a line as a whole. Cells that are too many are left out where they are blank. */
function wholeFault({ piece: { bytes }, cells }: Row, { layout }: Table, { maxLineBytes }: RowOptions): BrokenRule | null {
  if (bytes === null) return bodyFinding('too_long', 'line_too_long', { maximum: maxLineBytes });
  if (!isUtf8(bytes)) return bodyFinding('encoding');
  if (cells === null) return bodyFinding('quote');
  const expected = layout.header.length;
  const isRight = cells.length >= expected && cells.slice(expected).every((cell) => cell === '');
  return isRight ? null : bodyFinding('columns', 'columns', { got: cells.length, expected });
}

/** The time of a row as ISO 8601; undefined, with a finding, where the cell is blank or no time. */
function timeOf({ piece, cells }: Row, table: Table, { date, takesDays = false }: RowOptions, findings: BrokenRule[]): string | undefined {
  const text = table.timeText(cells ?? []);
  if (isMissing(text)) {
    findings.push({ field: 'timestamp', rule: 'required' });
    return undefined;
  }
  const isTimeOnly = isClock(text);
  if (isTimeOnly && date === undefined) throw layoutError('date', { line: piece.at, time: text });
  const time = isoTime(isTimeOnly ? joinTime(date ?? '', text) : text, table.order, takesDays);
  if (time === undefined)
    findings.push({ field: 'timestamp', rule: 'timestamp_format', wording: 'timestamp_cell', params: { got: shownField(text) } });
  return time;
}

function valuesOf(cells: readonly string[], table: Table, findings: BrokenRule[]): Value[] {
  const { kind, fields, header } = table.layout;
  const shared: Value = {};
  const counts: (readonly [status: string, count: number])[] = [];
  const series: (readonly [string, string])[] = [];
  for (const [column, field] of fields.entries()) {
    const cell = cells[column] ?? '';
    if (field === null || field === 'timestamp' || field === 'date') continue;
    if (field.startsWith('status:')) {
      const name = header[column] ?? '';
      const count = isMissing(cell) ? 0 : countOf(cell, { field: shownField(name), sign: table.signOf(column) }, findings);
      counts.push([field.slice('status:'.length), count]);
    } else if (field === 'series') series.push([header[column] ?? '', cell]);
    else if (isNumeric(field)) addNumber(shared, field, cell, { table, column, findings });
    else if (cell !== '') shared[field] = field === 'status' ? statusAt(cell, findings) : cell;
  }
  if (kind === 'value') return [{ ...shared, series }];
  return kind === 'wide' ? counts.map(([status, count]) => ({ ...shared, status, count })) : [shared];
}

interface NumberPlace {
  readonly table: Table;
  readonly column: number;
  readonly findings: BrokenRule[];
}

function addNumber(value: Value, field: string, cell: string, { table, column, findings }: NumberPlace): void {
  // A blank count is neither none nor one: the file does not say.
  if (isMissing(cell)) {
    if (field === 'count') findings.push({ field, rule: 'empty' });
    else if (field === 'value') value[field] = Number.NaN;
    return;
  }
  const usual = table.delimiter === ',' ? '.' : ',';
  value[field] = numberOf(cell, { field, sign: table.signOf(column), ...(field === 'value' ? { usual } : {}) }, findings);
}

/** A count of a wide file, whose refusal names its own column. */
function countOf(cell: string, column: Parameters<typeof numberOf>[1], findings: BrokenRule[]): number {
  const count = numberOf(cell, column, findings) ?? 0;
  const { field } = column;
  if (count < 0) findings.push({ field, rule: 'minimum', params: { minimum: 0 } });
  else if (!Number.isInteger(count)) findings.push({ field, rule: 'integer' });
  return count;
}

/** Content of a row that does not depend on the order of the columns. */
function canonical(value: Readonly<Value>): string {
  return Object.keys(value)
    .toSorted()
    .map((field) => `${field}=${String(value[field])}`)
    .join('\u001f');
}
