import { isUtf8 } from 'node:buffer';
import { STATUS_WORDS, statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { STATUSES } from '@transaction-guardian/contracts/transaction.ts';
import { closestName } from '../../closest-name.ts';
import { createSignEvidence, decimalSignOf, type SignEvidence } from '../../decimal-sign.ts';
import { maskCardNumbers } from '../card-number.ts';
import type { Finding } from '../finding.ts';
import type { PlaceTime } from '../place-time.ts';
import { createLineSplitter } from '../stream/line-splitter.ts';
import { bodyFinding, type Piece, type StreamItem } from '../stream/stream-item.ts';
import { sniffDelimiter, splitCells, type Delimiter } from './csv-cells.ts';
import { layoutError, readLayout, type CsvLayout, type CsvLayoutName } from './csv-layout.ts';
import { isTimeOfDay, numberOf, timestampOf } from './csv-values.ts';
import { createRowIds, type RowIds } from './row-ids.ts';

export interface CsvOptions {
  /** Default `auto`. */
  readonly layout?: CsvLayoutName;
  /** Day (YYYY-MM-DD) of a file whose time column has hours only. */
  readonly date?: string;
  /** Column of each field, by its name in the header. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** Tells the passes of repeated local times; without it rows keep their times as they are. */
  readonly times?: PlaceTime;
  /** Part of the ids of rows. */
  readonly source: string;
  readonly maxLineBytes: number;
  /** False leaves rows without an id as they are (default true). */
  readonly ids?: boolean;
}

/** What the header said. */
export interface CsvReader {
  /** Set once the header has been read. */
  readonly layout: CsvLayout | null;
  /** Items, group by group; `at` is the line from 1, `raw` its text with card numbers hidden. Throws CSV_LAYOUT. */
  read(chunks: AsyncIterable<Buffer>): AsyncGenerator<StreamItem[]>;
}

const NUMBER_FIELDS = new Set(['count', 'amount']);
/** Lines that are held back at most while a number can be read in two ways: what follows may tell. */
const MOST_HELD = 2000;

interface Table {
  readonly layout: CsvLayout;
  readonly delimiter: Delimiter;
  readonly timeColumn: number;
  /** Decimal sign of each column of numbers, by its place. */
  readonly signs: ReadonlyMap<number, SignEvidence>;
}

/** Makes a reader of one CSV upload with a header line: `,` `;` tab or `|` between cells, quotes, byte order mark, CRLF,
 *  decimal comma, statuses in the usual words. The column decides what `1.500` is; where it does not, the row is wrong. Rows without an id get one made of their content, so that the same file read again gives the same ids.
 *  A wrong row is reported and does not stop the others; memory is bounded by the longest line. */
export function createCsvReader(options: CsvOptions): CsvReader {
  const splitter = createLineSplitter(options.maxLineBytes);
  const rowIds = createRowIds(options.source);
  let table: Table | null = null;
  let held: Row[] = [];
  /** Columns of the held rows with a number that can be read in two ways. */
  const unclear = new Set<number>();

  function release(into: StreamItem[]): void {
    for (const row of held) if (table !== null) into.push(toItem(row, table, rowIds, options));
    held = [];
    unclear.clear();
  }

  function toItems(pieces: readonly Piece[]): StreamItem[] {
    const items: StreamItem[] = [];
    for (const piece of pieces) {
      if (table === null) {
        table = readHeader(piece, options);
        continue;
      }
      const row = readRow(piece, table);
      see(row.cells, table, unclear);
      held.push(row);
      const { signs } = table;
      if ([...unclear].every((column) => signs.get(column)?.sign !== null) || held.length >= MOST_HELD) release(items);
    }
    return items;
  }

  return {
    get layout() {
      return table?.layout ?? null;
    },
    async *read(chunks) {
      for await (const chunk of chunks) {
        const items = toItems(splitter.push(chunk));
        if (items.length > 0) yield items;
      }
      const items = toItems(splitter.end());
      release(items);
      if (table === null) throw layoutError('there is no header line');
      if (items.length > 0) yield items;
    },
  };
}

function readHeader({ bytes }: Piece, options: CsvOptions): Table {
  if (bytes === null || !isUtf8(bytes)) throw layoutError('the header line is not UTF-8 text');
  const line = bytes.toString('utf8');
  const delimiter = sniffDelimiter(line);
  const header = splitCells(line, delimiter);
  if (header === null) throw layoutError('the quotes of the header line are wrong');
  const layout = readLayout(header, options.layout ?? 'auto', options.mapping);
  const numbers = [...layout.fields.keys()].filter((column) => NUMBER_FIELDS.has(layout.fields[column] ?? ''));
  const signs = new Map(numbers.map((column) => [column, createSignEvidence()]));
  return { layout, delimiter, timeColumn: layout.fields.indexOf('timestamp'), signs };
}

/** One line of the file; `cells` is null for what cannot be split. */
interface Row {
  readonly piece: Piece;
  readonly line: string;
  readonly cells: readonly string[] | null;
}

function readRow(piece: Piece, { delimiter }: Table): Row {
  const { bytes } = piece;
  if (bytes === null || !isUtf8(bytes)) return { piece, line: bytes?.toString('utf8') ?? '', cells: null };
  const line = bytes.toString('utf8');
  return { piece, line, cells: splitCells(line, delimiter) };
}

/** Takes what the numbers of a row say of their columns; columns whose number can be read in two ways join `unclear`. */
function see(cells: Row['cells'], { signs }: Table, unclear: Set<number>): void {
  for (const [column, evidence] of signs) {
    const cell = cells?.[column] ?? '';
    if (/^\d*$/.test(cell)) continue;
    evidence.see(cell);
    if (evidence.sign === null && decimalSignOf(cell) === 'unclear') unclear.add(column);
  }
}

function toItem({ piece: { at, bytes }, line, cells }: Row, table: Table, rowIds: RowIds, options: CsvOptions): StreamItem {
  if (bytes === null)
    return { kind: 'broken', at, findings: [bodyFinding('too_long', 'line_too_long', { maximum: options.maxLineBytes })] };
  const raw = maskCardNumbers(line);
  if (!isUtf8(bytes)) return { kind: 'broken', at, raw, findings: [bodyFinding('encoding')] };
  if (cells === null) return { kind: 'broken', at, raw, findings: [bodyFinding('quote')] };
  const expected = table.layout.fields.length;
  if (cells.length !== expected)
    return { kind: 'broken', at, raw, findings: [bodyFinding('columns', 'columns', { got: cells.length, expected })] };
  const time = cells[table.timeColumn] ?? '';
  if (options.date === undefined && isTimeOfDay(time))
    throw layoutError(`line ${at} has the time of day only ("${time}"); give the date of the file (YYYY-MM-DD)`);
  const findings: Finding[] = [];
  const value = toTransaction(cells, table, options.date, findings);
  if (findings.length > 0) return { kind: 'broken', at, raw, findings };
  if (options.ids !== false) value['id'] ??= rowIds.next(canonical(value));
  options.times?.place(value);
  return { kind: 'item', at, value, raw };
}

function toTransaction(
  cells: readonly string[],
  { layout: { fields }, signs }: Table,
  date: string | undefined,
  findings: Finding[],
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [column, cell] of cells.entries()) {
    const field = fields[column];
    if (field === null || field === undefined) continue;
    // A blank count is neither none nor one: the file does not say.
    if (cell === '' && field === 'count') findings.push({ field, rule: 'empty' });
    if (cell === '') continue;
    if (field === 'timestamp') value[field] = timestampOf(cell, date);
    else if (field === 'status') value[field] = statusAt(cell, findings);
    else value[field] = NUMBER_FIELDS.has(field) ? numberOf(cell, field, signs.get(column)?.sign ?? null, findings) : cell;
  }
  return value;
}

/** The status of a word. A word that is not known stays for the check of the record, unless it looks like one that is. */
function statusAt(cell: string, findings: Finding[]): string {
  const status = statusOfWord(cell);
  if (status !== undefined) return status;
  const nearest = closestName(cell, STATUS_WORDS);
  if (nearest !== undefined)
    findings.push({ field: 'status', rule: 'enum', wording: 'status_word', params: { nearest, allowed: STATUSES.join(', ') } });
  return cell;
}

/** Content of a row that does not depend on the order of the columns. */
function canonical(value: Readonly<Record<string, unknown>>): string {
  return Object.keys(value)
    .toSorted()
    .map((field) => `${field}=${String(value[field])}`)
    .join('\u001f');
}
