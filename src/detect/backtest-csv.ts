import { parse } from 'csv-parse';
import { closestName } from '../closest-name.ts';
import { createSignEvidence, decimalSignOf, readSignedNumber, type SignEvidence } from '../decimal-sign.ts';
import { GuardianError, messageOf } from '../errors.ts';
import { STATUS_WORDS, statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { isClock, joinTime, likelyOrder, orderOf, readNumber, readTime, type DateOrder } from './backtest-field.ts';
import { readBacktestLayout, statusOf, type BacktestLayout, type CellKinds, type Dimension } from './backtest-layout.ts';

/** One row of a file to test on. Times are epoch milliseconds; a value that is missing is NaN. */
export type BacktestRow =
  | ({ readonly kind: 'status' } & CountRow)
  | ({ readonly kind: 'auth_code' } & CountRow)
  | { readonly kind: 'value'; readonly timestamp: number; readonly value: number; readonly labels?: readonly Label[] };

/** A column of words beside a value, and its word in one row. */
export type Label = readonly [column: string, word: string];

interface CountRow {
  readonly timestamp: number;
  readonly name: string;
  /** NaN: the file does not say. */
  readonly value: number;
  readonly dimensions?: Readonly<Partial<Record<Dimension, string>>>;
  /** What the file shows is ahead of UTC by this, milliseconds (default 0). */
  readonly offsetMs?: number;
}

/** Instant (epoch milliseconds) of the wall-clock time of the next row, given as if it were UTC; NaN where a clock change
 *  skips it, or repeats it and the order of the rows does not tell its pass. `key`: what a file of counts has once a step,
 *  null for single transactions. */
type LocalTime = (localMs: number, key: string | null) => number;

type Source = AsyncIterable<string | Uint8Array>;
const SEPARATORS = [',', ';', '\t', '|'] as const;
type Separator = (typeof SEPARATORS)[number];
const LONGEST_HEADER = 65_536;

/** Rows of a CSV text with a header like `timestamp,status,count`, `timestamp,auth_code,count` or `timestamp,value`, one
 *  transaction a row without a count, or `timestamp,approved,denied` with a count for each status; in the order of the file. Separated by
 *  commas, or by semicolons, tabs or bars with decimal commas. Dates like 5/11/2025 are read in the order that the file shows.
 *  A time without a zone is read by `local` in a file of counts, as the product does, and as UTC in a file of values. Other
 *  columns are ignored. Throws CSV_LAYOUT for what cannot be read, naming line, column and rule. */
export async function* readBacktestCsv(
  source: Source,
  local: LocalTime = (localMs) => localMs,
  onLayout: (layout: BacktestLayout) => void = () => undefined,
): AsyncGenerator<BacktestRow> {
  const { separator, whole } = await findSeparator(source);
  const hasDecimalComma = separator !== ',';
  let header: readonly string[] | null = null;
  let layout: BacktestLayout | null = null;
  let order: DateOrder | null = separator === ';' ? 'day' : null;
  let waiting: Line[] = [];
  const read = { line: 0 };
  const signs = createSignEvidence();
  let isUnclear = false;
  try {
    for await (const { record, info } of records(whole, separator, read)) {
      if (header === null) {
        header = readHeader(record);
        continue;
      }
      if (layout === null) onLayout((layout = readBacktestLayout(header, kindsOf(record, hasDecimalComma))));
      waiting.push({ record, line: info.lines });
      order ??= orderOf(timeText(record, layout));
      for (const column of numbersOf(layout)) signs.see(record[column] ?? '');
      isUnclear ||= numbersOf(layout).some((column) => decimalSignOf(record[column] ?? '') === 'unclear');
      if (order === null || (isUnclear && signs.sign === null)) continue;
      for (const one of waiting) yield* rowsOf(one, layout, { order, hasDecimalComma, sign: signs.sign, local });
      waiting = [];
    }
    if (header !== null) layout ??= readBacktestLayout(header, kindsOf([], hasDecimalComma));
  } catch (error) {
    if (error instanceof GuardianError) throw error;
    throw brokenText(error, read.line + 1);
  }
  if (layout === null)
    throw new GuardianError('CSV_LAYOUT', 'Expected a header line like timestamp,value; the file is empty.', { data: { rule: 'empty' } });
  const found = layout;
  order ??= likelyOrder(waiting.map(({ record }) => timeText(record, found)));
  for (const one of waiting) yield* rowsOf(one, layout, { order, hasDecimalComma, sign: signs.sign, local });
}

const numbersOf = ({ value, wide }: BacktestLayout): readonly number[] => (value < 0 ? wide : [value]);

/** What the parser says of a text that is no CSV. `line`: where the record began. */
function brokenText(error: unknown, line: number): GuardianError {
  // The message quotes the file, whose control characters a terminal would obey.
  const said = plain(messageOf(error));
  const isQuote = error instanceof Error && 'code' in error && /QUOTE/.test(String(error.code));
  if (isQuote)
    return new GuardianError('CSV_LAYOUT', `Line ${line}: a quote opens or closes in the wrong place.`, {
      cause: error,
      data: { rule: 'quote', line },
    });
  return new GuardianError('CSV_LAYOUT', `Expected a CSV file: ${said}.`, {
    cause: error,
    data: { reason: `it is no CSV text: ${said}.` },
  });
}

function readHeader(record: readonly string[]): readonly string[] {
  if (!record.some((cell) => /\D/.test(cell) && isAnyTime(cell))) return record;
  const shown = plain(record.join(',').slice(0, 200));
  throw new GuardianError('CSV_LAYOUT', `Expected a header line like timestamp,status,count; the first line is data: ${shown}.`, {
    data: { rule: 'no_header', columns: shown },
  });
}

function timeText(record: readonly string[], { time, date }: BacktestLayout): string {
  const text = record[time] ?? '';
  return date < 0 ? text : joinTime(record[date] ?? '', text);
}

const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');

const isAnyTime = (text: string): boolean => (['day', 'month'] as const).some((order) => !Number.isNaN(readTime(text, order).ms));

function kindsOf(record: readonly string[], hasDecimalComma: boolean): CellKinds {
  return {
    isTime: (column) => /\D/.test(record[column] ?? '') && isAnyTime(record[column] ?? ''),
    isClock: (column) => isClock(record[column] ?? ''),
    isNumber: (column) => Number.isFinite(readNumber(record[column] ?? '', hasDecimalComma) ?? Number.NaN),
    isStatus: (column) => statusOfWord(record[column] ?? '') !== undefined,
  };
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** Records of a CSV text. `read.line`: the line up to which the parser, which reads ahead, has made records. */
function records(source: Source, delimiter: Separator, read: { line: number }): AsyncIterable<CsvRecord> {
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    relax_column_count: true,
    info: true,
    on_record: (record: string[], { lines }) => {
      read.line = lines;
      return record;
    },
    delimiter,
  });
  const pump = (async () => {
    for await (const chunk of source) if (!parser.write(chunk)) await new Promise((resume) => parser.once('drain', resume));
    parser.end();
  })();
  pump.catch((error: unknown) => parser.destroy(error instanceof Error ? error : new Error(String(error))));
  return parser as AsyncIterable<CsvRecord>;
}

/** The separator that the header line has most of, and the source from its beginning. */
async function findSeparator(source: Source): Promise<{ separator: Separator; whole: Source }> {
  const rest = source[Symbol.asyncIterator]();
  const read: (string | Uint8Array)[] = [];
  const decoder = new TextDecoder();
  let head = '';
  while (!/\S[^\n]*\n/.test(head) && head.length < LONGEST_HEADER) {
    const { done = false, value } = await rest.next();
    if (done) break;
    read.push(value);
    head += typeof value === 'string' ? value : decoder.decode(value, { stream: true });
  }
  const header = head.trimStart().split('\n')[0] ?? '';
  const times = (separator: Separator): number => header.split(separator).length;
  const separator = SEPARATORS.reduce<Separator>((best, one) => (times(one) > times(best) ? one : best), ',');
  async function* whole(): AsyncGenerator<string | Uint8Array> {
    yield* read;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { separator, whole: whole() };
}

/** What a cell has to be, by the rule that an error names. */
const EXPECTED = {
  cell_time:
    'a time as 2025-07-12 13:45:00 (a T, a fraction and an offset are fine), 31/12/2025 13:45, 13:45 or 13h 45 of one day, or Unix seconds or milliseconds',
  cell_instant: 'a local time that the clocks of the zone show once; give the offset, as in 2025-07-12 13:45:00-03:00',
  cell_number: 'a number, or nothing where it is missing',
  cell_point: 'a number with a decimal point, or nothing where it is missing',
  cell_unclear: 'a number that can be read in one way only (1.500 is one and a half or fifteen hundred)',
  cell_count: 'a count of at least 0',
  cell_name: 'one of ',
} as const;
type CellRule = keyof typeof EXPECTED;

interface Line {
  readonly record: readonly string[];
  readonly line: number;
}

interface Reading {
  readonly order: DateOrder;
  readonly hasDecimalComma: boolean;
  /** What the numbers of the file prove. */
  readonly sign: SignEvidence['sign'];
  readonly local: LocalTime;
}

function* rowsOf({ record, line }: Line, layout: BacktestLayout, { order, hasDecimalComma, sign, local }: Reading): Generator<BacktestRow> {
  const refuse = (column: number, rule: CellRule, allowed = ''): never => {
    const data = { rule, line, column: layout.header[column] ?? '', got: plain((record[column] ?? '').slice(0, 60)), allowed };
    throw new GuardianError(
      'CSV_LAYOUT',
      `Line ${line}, column "${data.column}": expected ${EXPECTED[rule]}${allowed}; got "${data.got}".`,
      { data },
    );
  };
  const numberAt = (column: number): number => {
    const cell = record[column] ?? '';
    const own = decimalSignOf(cell);
    const usual = hasDecimalComma ? ',' : '.';
    // A measured value often has three decimals; a count or an amount of money does not.
    const isUsual = layout.kind === 'value' && cell.includes(usual);
    const decimal = own === 'unclear' ? (sign ?? (isUsual ? usual : null)) : own;
    if (own === 'unclear' && (decimal === null || decimal === 'mixed')) return refuse(column, 'cell_unclear');
    const number = decimal === null || decimal === 'mixed' ? null : readSignedNumber(cell, decimal);
    return number ?? readNumber(cell, hasDecimalComma) ?? refuse(column, hasDecimalComma ? 'cell_number' : 'cell_point');
  };
  const countAt = (column: number): number => {
    const count = numberAt(column);
    if (count < 0) refuse(column, 'cell_count');
    return count;
  };
  const { ms: timestamp, isLocal } = readTime(timeText(record, layout), order);
  if (Number.isNaN(timestamp)) refuse(layout.time, 'cell_time');
  if (layout.kind === 'value') {
    const labels = layout.labels.map((column): Label => [layout.header[column] ?? '', record[column] ?? '']);
    yield { kind: 'value', timestamp, value: numberAt(layout.value), ...(labels.length === 0 ? {} : { labels }) };
    return;
  }
  const key = layout.kind === 'wide' ? '' : layout.value < 0 ? null : (record[layout.name] ?? '');
  const instant = isLocal ? local(timestamp, key) : timestamp;
  if (Number.isNaN(instant)) refuse(layout.time, 'cell_instant');
  const at = isLocal ? { timestamp: instant, offsetMs: timestamp - instant } : { timestamp };
  if (layout.kind === 'wide') {
    // A table that was made of rows leaves blank what had none.
    for (const column of layout.wide)
      yield { kind: 'status', ...at, name: statusOf(layout.header[column] ?? '') ?? '', value: countAt(column) || 0 };
    return;
  }
  const cell = record[layout.name] ?? '';
  const name = layout.names === null ? cell.toLowerCase() : statusOfWord(cell);
  if (name === undefined) {
    const nearest = closestName(cell, STATUS_WORDS);
    refuse(layout.name, 'cell_name', `${(layout.names ?? []).join(', ')}${nearest === undefined ? '' : ` (${nearest}?)`}`);
    return;
  }
  const hasDimensions = Object.keys(layout.dimensions).length > 0;
  const dimensions = Object.fromEntries(Object.entries(layout.dimensions).map(([field, column]) => [field, record[column] ?? '']));
  yield { kind: layout.kind, ...at, name, value: layout.value < 0 ? 1 : countAt(layout.value), ...(hasDimensions ? { dimensions } : {}) };
}
