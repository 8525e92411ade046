import { parse } from 'csv-parse';
import { GuardianError } from '../errors.ts';

/** One row of a file to test on. Times are epoch milliseconds. */
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

/** Rows of a CSV text with a header `timestamp,status,count`, `timestamp,auth_code,count` or `timestamp,value`, in the
 *  order of the file. A timestamp without a zone is read by `local` in a file of counts, as the product does, and as UTC in a file
 *  of values; a number is Unix seconds (or milliseconds). Other columns are ignored. Throws CSV_LAYOUT for a header or a line that cannot be read, naming the line. */
export async function* readBacktestCsv(
  source: AsyncIterable<string | Uint8Array>,
  local: LocalTime = (localMs) => localMs,
): AsyncGenerator<BacktestRow> {
  const parser = parse({ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true });
  const pump = (async () => {
    for await (const chunk of source) if (!parser.write(chunk)) await new Promise((resume) => parser.once('drain', resume));
    parser.end();
  })();
  pump.catch((error: unknown) => parser.destroy(error instanceof Error ? error : new Error(String(error))));
  let layout: Layout | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (layout === null) layout = layoutOf(record);
      else yield rowOf(record, layout, info.lines, local);
    }
  } catch (error) {
    if (error instanceof GuardianError) throw error;
    throw new GuardianError('CSV_LAYOUT', `Expected a CSV file: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}

interface Layout {
  readonly time: number;
  readonly name: number;
  readonly value: number;
  readonly kind: BacktestRow['kind'];
}

function layoutOf(header: readonly string[]): Layout {
  const names = header.map((name) => name.trim().toLowerCase());
  const time = names.findIndex((name) => ['timestamp', 'time', 'date', 'datetime'].includes(name));
  const count = names.findIndex((name) => ['count', 'f0_', 'total'].includes(name));
  const status = names.indexOf('status');
  const code = names.indexOf('auth_code');
  const value = names.indexOf('value');
  if (time >= 0 && count >= 0 && status >= 0) return { time, name: status, value: count, kind: 'status' };
  if (time >= 0 && count >= 0 && code >= 0) return { time, name: code, value: count, kind: 'auth_code' };
  if (time >= 0 && value >= 0) return { time, name: -1, value, kind: 'value' };
  if (time >= 0 && count >= 0) return { time, name: -1, value: count, kind: 'value' };
  throw new GuardianError(
    'CSV_LAYOUT',
    `Expected a header timestamp,status,count, timestamp,auth_code,count or timestamp,value; got ${header.join(',')}.`,
  );
}

function rowOf(record: readonly string[], layout: Layout, line: number, local: LocalTime): BacktestRow {
  const { ms: timestamp, isLocal } = timeOf(record[layout.time] ?? '');
  const text = record[layout.value] ?? '';
  const value = text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(timestamp))
    throw new GuardianError('CSV_LAYOUT', `Line ${line}: expected a timestamp, got "${record[layout.time] ?? ''}".`);
  if (Number.isNaN(value) && text !== '' && text.toLowerCase() !== 'nan')
    throw new GuardianError('CSV_LAYOUT', `Line ${line}: expected a number, got "${text}".`);
  if (layout.kind === 'value') return { kind: 'value', timestamp, value };
  const row = { kind: layout.kind, timestamp, name: record[layout.name] ?? '', value: Number.isNaN(value) ? 0 : value };
  if (!isLocal) return row;
  const instant = local(timestamp);
  return { ...row, timestamp: instant, offsetMs: timestamp - instant };
}

/** Reads a time; one without a zone is given as if it were UTC. */
function timeOf(text: string): { readonly ms: number; readonly isLocal: boolean } {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return { ms: Number(text) * 1000, isLocal: false };
  if (/^\d{12,14}$/.test(text)) return { ms: Number(text), isLocal: false };
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(text);
  if (match === null) return { ms: Number.NaN, isLocal: false };
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = match;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), 0) + Number(second) * 1000;
  if (zone === undefined || zone.toUpperCase() === 'Z') return { ms: utc, isLocal: zone === undefined };
  const [sign, hours, minutes] = [zone[0] === '-' ? -1 : 1, Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return { ms: utc - sign * (hours * 60 + minutes) * 60_000, isLocal: false };
}
