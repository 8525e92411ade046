import type { BacktestRow, Dimension, IncompleteRow, Label } from '../backtest/backtest-row.ts';
import { minuteOf } from '../clock.ts';
import { SOME_DAY } from '../check/file-time.ts';
import type { LabelledPoint } from '../backtest/several-series.ts';
import { isCountRow, type CsvLayout } from '../csv/csv-layout.ts';
import { createCsvReader, HELD_OF_FILE } from '../csv/read-csv.ts';
import { createFileOrder, type FileOrder } from '../check/file-order.ts';
import type { BrokenRule } from '../check/finding.ts';
import { createWallClock, type WallClock } from '../check/time-zone.ts';
import { timestampFault } from '../check/timestamp-fault.ts';
import { parseTimestamp } from '../check/timestamp.ts';
import { createValidator, type Validator } from '../ingest/validate.ts';
import { cellText } from './cell-text.ts';
import type { StreamItem } from '../check/stream-item.ts';

export interface BacktestReading {
  /** IANA zone of counts by times without a zone (default UTC); values are read in UTC. */
  readonly timeZone?: string;
  /** Day of a file whose time column has hours only (default: some day that nobody names). */
  readonly date?: string | undefined;
  readonly mapping?: Readonly<Record<string, string>> | undefined;
  /** Called with the columns that columns were taken, once the header is read. */
  readonly onLayout?: (layout: CsvLayout) => void;
  /** Called with every wrong row; the others are read. */
  readonly onRefused?: (line: number, findings: readonly BrokenRule[]) => void;
  /** Called with each minute (epoch milliseconds) that a wrong row leaves incomplete. */
  readonly onIncomplete?: (minute: number) => void;
}

const DIMENSIONS: readonly Dimension[] = ['merchant_id', 'acquirer', 'auth_code'];
const LONGEST_LINE = 1_048_576;

/** Reads a file as every command reads it, for a backtest: times of any age, and values too. A wrong row of a file of counts
 *  makes its minute incomplete, where its time can be read. Throws CSV_LAYOUT. */
export async function* readBacktestRows(
  source: AsyncIterable<string | Uint8Array>,
  options: BacktestReading = {},
): AsyncGenerator<BacktestRow | IncompleteRow> {
  const { timeZone = 'UTC', date = SOME_DAY, mapping, onRefused = () => undefined } = options;
  const reader = createCsvReader({
    source: 'csv',
    maxLineBytes: LONGEST_LINE,
    maxHeld: HELD_OF_FILE,
    values: true,
    takesDays: true,
    ids: false,
    date,
    ...(mapping === undefined ? {} : { mapping }),
  });
  const reading = createReading(timeZone);
  let isShown = false;
  for await (const items of reader.read(buffers(source))) {
    if (reader.layout === null) continue;
    if (!isShown) options.onLayout?.(reader.layout);
    isShown = true;
    for (const item of items) {
      const { rows, findings } = reading(item, reader.layout);
      if (findings.length > 0) onRefused(item.at, findings);
      for (const row of rows) if (row.kind === 'incomplete') options.onIncomplete?.(minuteOf(row.timestamp));
      yield* rows;
    }
  }
  if (!isShown && reader.layout !== null) options.onLayout?.(reader.layout);
}

async function* buffers(source: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of source)
    yield typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

interface Read {
  readonly rows: readonly (BacktestRow | IncompleteRow)[];
  readonly findings: readonly BrokenRule[];
}
type Value = Readonly<Record<string, unknown>>;

function createReading(timeZone: string): (item: StreamItem, layout: CsvLayout) => Read {
  const wall = createWallClock(timeZone);
  const order = createFileOrder(wall);
  const validator = createValidator({ timeZone, maxAgeMs: Number.POSITIVE_INFINITY, maxFutureMs: Number.POSITIVE_INFINITY });
  return (item, layout) => {
    if (item.kind === 'broken') return { rows: incompleteOf(item.timestamp, layout, wall), findings: item.findings };
    const value = item.value as Value;
    if (layout.kind === 'value') {
      const { point, findings } = seriesPoint(value);
      return { rows: point === null ? [] : [{ kind: 'value', ...point }], findings };
    }
    const read = countOf(value, layout, { validator, order, timeZone, wall });
    if (read.findings.length === 0) return read;
    const { timestamp } = value;
    return { ...read, rows: incompleteOf(typeof timestamp === 'string' ? timestamp : undefined, layout, wall) };
  };
}

/** A row of a file of values, its time in UTC; null with findings where it has no time. */
export function seriesPoint(value: Value): { readonly point: LabelledPoint | null; readonly findings: readonly BrokenRule[] } {
  const timestamp = parseTimestamp(cellText(value['timestamp']), (localMs) => localMs);
  if (Number.isNaN(timestamp)) return { point: null, findings: [{ field: 'timestamp', rule: 'required' }] };
  const labels = value['series'] as readonly Label[];
  const point = { timestamp, value: Number(value['value']) };
  return { point: labels.length === 0 ? point : { ...point, labels }, findings: [] };
}

interface Rules {
  readonly validator: Validator;
  readonly order: FileOrder;
  readonly timeZone: string;
  readonly wall: WallClock;
}

function countOf(value: Value, layout: CsvLayout, { validator, order, timeZone, wall }: Rules): Read {
  const { timestamp: text, id: _id, ...rest } = value;
  const isCode = layout.kind === 'auth_code';
  const checked = validator.validate(rest, 0, { breakdown: isCode });
  if (checked.kind === 'invalid') return { rows: [], findings: checked.findings };
  if (typeof text !== 'string') return { rows: [], findings: [{ field: 'timestamp', rule: 'required' }] };
  const { content } = checked;
  const name = (isCode ? content.auth_code : content.status) ?? '';
  let localMs = Number.NaN;
  const key = layout.kind === 'wide' || value['count'] !== undefined ? name : null;
  const timestamp = parseTimestamp(text, (local) => order.place((localMs = local), key));
  if (Number.isNaN(timestamp)) return { rows: [], findings: [timestampFault(text, 'timestamp', { wall, timeZone })] };
  const offset = Number.isNaN(localMs) ? {} : { offsetMs: localMs - timestamp };
  const named = DIMENSIONS.filter((field) => !(isCode && field === 'auth_code') && layout.fields.includes(field));
  const dimensions = Object.fromEntries(named.map((field) => [field, content[field] ?? '']));
  const row = { kind: isCode ? 'auth_code' : 'status', timestamp, ...offset, name, value: content.count } as const;
  return { rows: [named.length === 0 ? row : { ...row, dimensions }], findings: [] };
}

/** The minute of a wrong row of counts. A wrong row that is one transaction takes one transaction away, and leaves its minute. */
function incompleteOf(text: string | undefined, layout: CsvLayout, wall: WallClock): IncompleteRow[] {
  if (text === undefined || !isCountRow(layout)) return [];
  let localMs = Number.NaN;
  const timestamp = parseTimestamp(text, (local) => (localMs = local) - wall(local).first);
  if (Number.isNaN(timestamp)) return [];
  return [{ kind: 'incomplete', timestamp, ...(Number.isNaN(localMs) ? {} : { offsetMs: localMs - timestamp }) }];
}
