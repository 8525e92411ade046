import { parse } from 'csv-parse';
import { GuardianError, messageOf } from '../errors.ts';
import { readNumber, readTime } from './backtest-field.ts';
import { readBacktestLayout, type BacktestLayout, type CellKinds } from './backtest-layout.ts';

/** One row of a file to test on. Times are epoch milliseconds; a value that is missing is NaN. */
export type BacktestRow =
  | ({ readonly kind: 'status' } & CountRow)
  | ({ readonly kind: 'auth_code' } & CountRow)
  | { readonly kind: 'value'; readonly timestamp: number; readonly value: number };

interface CountRow {
  readonly timestamp: number;
  readonly name: string;
  readonly value: number;
  /** What the file shows is ahead of UTC by this, milliseconds (default 0). */
  readonly offsetMs?: number;
}

/** Instant (epoch milliseconds) of a wall-clock time, which is given as if it were UTC. */
type LocalTime = (localMs: number) => number;

type Source = AsyncIterable<string | Uint8Array>;
type Separator = ',' | ';' | '\t';
const LONGEST_HEADER = 65_536;

/** Rows of a CSV text with a header like `timestamp,status,count`, `timestamp,auth_code,count` or `timestamp,value`, in the
 *  order of the file; separated by commas, or by semicolons or tabs with decimal commas (and dates like 31/12/2025). A time without a zone is
 *  read by `local` in a file of counts, as the product does, and as UTC in a file of values. Other columns are ignored.
 *  Throws CSV_LAYOUT for what cannot be read, naming line, column and rule. */
export async function* readBacktestCsv(source: Source, local: LocalTime = (localMs) => localMs): AsyncGenerator<BacktestRow> {
  const { separator, whole } = await findSeparator(source);
  const hasDecimalComma = separator !== ',';
  let header: readonly string[] | null = null;
  let layout: BacktestLayout | null = null;
  try {
    for await (const { record, info } of records(whole, separator)) {
      if (header === null) header = record;
      else {
        layout ??= readBacktestLayout(header, kindsOf(record, hasDecimalComma));
        yield rowOf(record, layout, { line: info.lines, hasDecimalComma, local });
      }
    }
    if (header !== null) layout ??= readBacktestLayout(header, kindsOf([], hasDecimalComma));
  } catch (error) {
    if (error instanceof GuardianError) throw error;
    // The message quotes the file, whose control characters a terminal would obey.
    const said = plain(messageOf(error));
    throw new GuardianError('CSV_LAYOUT', `Expected a CSV file: ${said}.`, {
      cause: error,
      data: { reason: `it is no CSV text: ${said}.` },
    });
  }
  if (layout === null)
    throw new GuardianError('CSV_LAYOUT', 'Expected a header line like timestamp,value; the file is empty.', { data: { rule: 'empty' } });
}

const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');

function kindsOf(record: readonly string[], hasDecimalComma: boolean): CellKinds {
  return {
    isTime: (column) => /\D/.test(record[column] ?? '') && !Number.isNaN(readTime(record[column] ?? '', hasDecimalComma).ms),
    isNumber: (column) => Number.isFinite(readNumber(record[column] ?? '', hasDecimalComma) ?? Number.NaN),
  };
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function records(source: Source, delimiter: Separator): AsyncIterable<CsvRecord> {
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    relax_column_count: true,
    info: true,
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
  const separator = ([',', ';', '\t'] as const).reduce((best, one) => (times(one) > times(best) ? one : best));
  async function* whole(): AsyncGenerator<string | Uint8Array> {
    yield* read;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { separator, whole: whole() };
}

/** What a cell has to be, by the rule that an error names. */
const EXPECTED = {
  cell_time:
    'a time as 2025-07-12 13:45:00 (a T, a fraction and an offset are fine), 13:45 or 13h 45 of one day, or Unix seconds or milliseconds',
  cell_number: 'a number, or nothing where it is missing',
  cell_point: 'a number with a decimal point, or nothing where it is missing',
  cell_count: 'a count of at least 0',
  cell_name: 'one of ',
} as const;
type CellRule = keyof typeof EXPECTED;

interface Place {
  readonly line: number;
  readonly hasDecimalComma: boolean;
  readonly local: LocalTime;
}

function rowOf(record: readonly string[], layout: BacktestLayout, { line, hasDecimalComma, local }: Place): BacktestRow {
  const refuse = (column: number, rule: CellRule, allowed = ''): never => {
    const data = { rule, line, column: layout.header[column] ?? '', got: plain((record[column] ?? '').slice(0, 60)), allowed };
    throw new GuardianError(
      'CSV_LAYOUT',
      `Line ${line}, column "${data.column}": expected ${EXPECTED[rule]}${allowed}; got "${data.got}".`,
      { data },
    );
  };
  const { ms: timestamp, isLocal } = readTime(record[layout.time] ?? '', hasDecimalComma);
  if (Number.isNaN(timestamp)) refuse(layout.time, 'cell_time');
  const read = readNumber(record[layout.value] ?? '', hasDecimalComma);
  const value = read ?? refuse(layout.value, hasDecimalComma ? 'cell_number' : 'cell_point');
  if (layout.kind === 'value') return { kind: 'value', timestamp, value };
  if (value < 0) refuse(layout.value, 'cell_count');
  const name = (record[layout.name] ?? '').toLowerCase();
  if (layout.names !== null && !layout.names.includes(name)) refuse(layout.name, 'cell_name', layout.names.join(', '));
  const row = { kind: layout.kind, timestamp, name, value: Number.isNaN(value) ? 0 : value };
  if (!isLocal) return row;
  const instant = local(timestamp);
  return { ...row, timestamp: instant, offsetMs: timestamp - instant };
}
