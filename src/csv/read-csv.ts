import { layoutError } from './layout-error.ts';
import { isGuardianError } from '../errors.ts';
import type { CsvOptions } from './csv-options.ts';
import { isUtf8 } from 'node:buffer';
import { maskCardNumbers } from '../pan/card-number.ts';
import { createLineSplitter } from '../check/line-splitter.ts';
import type { Piece, StreamItem } from '../check/stream-item.ts';
import { sniffDelimiter, splitCells, type Delimiter } from './csv-cells.ts';
import { isCountRow, isSureLayout, readLayout, type CsvLayout } from './csv-layout.ts';
import { cellKinds, createTable, type Table } from './csv-table.ts';
import { isAnyTime } from './csv-time.ts';
import { createRowIds } from './row-ids.ts';
import { createRowReader, isEmptyRow, type Row } from './row-items.ts';
import { createUnplacedRows } from './unplaced-rows.ts';

/** Rows that a command on a file of its own holds back: nearly always the whole file decides. */
export const HELD_OF_FILE = 200_000;

/** What the header said. */
export interface CsvReader {
  /** Set once the header has been read. */
  readonly layout: CsvLayout | null;
  /** Items, group by group; `at` is the line from 1, `raw` its text with card numbers hidden. Throws CSV_LAYOUT. */
  read(chunks: AsyncIterable<Buffer>): AsyncGenerator<StreamItem[]>;
}

const MOST_HELD = 2000;
/** Rows by whose words a column is known, where no name says what it is. */
const ROWS_OF_WORDS = 100;

interface Header {
  readonly names: readonly string[];
  readonly delimiter: Delimiter;
}

/** Makes a reader of one CSV file with a header line: `,` `;` tab or `|` between cells, quotes, byte order mark, CRLF,
 *  decimal comma, dates like 31/12/2025 and Unix times, statuses in the usual words or as columns. The column decides what `1.500` is,
 *  and which of day and month comes first; where it does not, the number is wrong and the order is the one that puts the dates
 *  closest together. Rows without an id get one made of their content, so that the same file read again gives the same ids.
 *  A wrong row is reported and does not stop the others; memory is bounded by the longest line and `maxHeld`. */
export function createCsvReader(options: CsvOptions): CsvReader {
  const splitter = createLineSplitter(options.maxLineBytes);
  const unplaced = createUnplacedRows();
  const toItems = createRowReader(options, createRowIds(options.source));
  const maxHeld = options.maxHeld ?? MOST_HELD;
  let header: Header | null = null;
  let table: Table | null = null;
  let held: Row[] = [];
  /** Cells of the first rows that have all columns. */
  const first: (readonly string[])[] = [];

  /** The table of the rows so far; null where rows that follow may say what the columns are. */
  function open({ names, delimiter }: Header, cells: Row['cells'], isLast: boolean): Table | null {
    const isWhole = cells !== null && cells.length >= names.length;
    if (isWhole) first.push(cells);
    const isEnough = isLast || first.length >= ROWS_OF_WORDS;
    if (!isEnough && !(isWhole && first.length === 1)) return null;
    const layout = layoutOf(() => readLayout(names, cellKinds(first, delimiter), options), isEnough);
    if (layout === null || !(isEnough || isSureLayout(layout, options.mapping))) return null;
    const opened = createTable(layout, delimiter);
    for (const row of held) opened.see(row.cells);
    return opened;
  }

  function release(into: StreamItem[]): void {
    if (table === null) return;
    table.settle(held.map(({ cells }) => cells));
    for (const row of held) toItems(row, table, into);
    held = [];
  }

  function take(pieces: readonly Piece[]): StreamItem[] {
    const items: StreamItem[] = [];
    for (const piece of pieces) {
      if (header === null) {
        header = readHeader(piece);
        continue;
      }
      const row = readRow(piece, header.delimiter);
      if (isEmptyRow(row)) continue;
      held.push(row);
      if (table === null) table = open(header, row.cells, held.length >= maxHeld);
      else table.see(row.cells);
      if (table !== null && (table.isSettled || held.length >= maxHeld)) release(items);
    }
    return items;
  }

  const placed = (items: StreamItem[]): StreamItem[] => (table !== null && isCountRow(table.layout) ? unplaced.take(items) : items);

  return {
    get layout() {
      return table?.layout ?? null;
    },
    async *read(chunks) {
      for await (const chunk of chunks) {
        const items = placed(take(splitter.push(chunk)));
        if (items.length > 0) yield items;
      }
      const items = take(splitter.end());
      if (header === null) throw layoutError('empty');
      table ??= open(header, null, true);
      release(items);
      const rest = [...placed(items), ...unplaced.end()];
      if (rest.length > 0) yield rest;
    },
  };
}

/** A layout; null for one that cannot be read, unless it has to be. */
function layoutOf(read: () => CsvLayout, isEnough: boolean): CsvLayout | null {
  try {
    return read();
  } catch (error) {
    if (!isEnough && isGuardianError(error, 'CSV_LAYOUT')) return null;
    throw error;
  }
}

function readHeader({ bytes }: Piece): Header {
  if (bytes === null || !isUtf8(bytes)) throw layoutError('encoding');
  const line = bytes.toString('utf8');
  const delimiter = sniffDelimiter(line);
  const names = splitCells(line, delimiter);
  if (names === null) throw layoutError('quotes');
  if (names.some((cell) => /\D/.test(cell) && isAnyTime(cell))) {
    const shown = maskCardNumbers(line.slice(0, 200)).replaceAll(/\p{Cc}/gu, '?');
    throw layoutError('no_header', { columns: shown });
  }
  return { names, delimiter };
}

function readRow(piece: Piece, delimiter: Delimiter): Row {
  const { bytes } = piece;
  if (bytes === null || !isUtf8(bytes)) return { piece, line: bytes?.toString('utf8') ?? '', cells: null };
  const line = bytes.toString('utf8');
  return { piece, line, cells: splitCells(line, delimiter) };
}
