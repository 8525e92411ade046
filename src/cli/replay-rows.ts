import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config-schema.ts';
import { eventTimes } from '../app/event-times.ts';
import { minuteOf } from '../clock.ts';
import type { LabelledPoint } from '../backtest/several-series.ts';
import { isCountRow, type CsvLayout, type CsvLayoutName } from '../csv/csv-layout.ts';
import { createCsvReader, HELD_OF_FILE } from '../csv/read-csv.ts';
import type { StreamItem } from '../check/stream-item.ts';
import { createValidator, type Validator } from '../ingest/validate.ts';
import { seriesPoint } from './backtest-rows.ts';
import type { Cli } from './cli.ts';
import { decodeFile } from './decode-file.ts';
import { fileError } from './file-problem.ts';
import { layoutText } from './layout-text.ts';
import { createRefusedLines, type RefusedLines } from './refused-lines.ts';

/** One row of a file, ready to be sent. `at`: event time, epoch milliseconds. */
export interface ReplayRow {
  readonly at: number;
  readonly value: Record<string, unknown>;
}

export interface ReplayFile {
  /** In the order of event time; equal times in the order of the file. */
  readonly rows: readonly ReplayRow[];
  /** Of a file of values, in its own order. */
  readonly points: readonly LabelledPoint[];
  readonly layout: CsvLayout;
  /** Rows count by auth code and have no status: only the CSV way in takes them. */
  readonly breakdown: boolean;
  /** Wrong lines; the first are listed already. */
  readonly refused: RefusedLines;
  /** Minutes (epoch milliseconds), in order, of which a row with a count was refused. */
  readonly incomplete: readonly number[];
}

export interface ReadOptions {
  readonly layout?: CsvLayoutName;
  readonly date?: string | undefined;
  readonly mapping?: Readonly<Record<string, string>> | undefined;
  /** Takes a file of values too. */
  readonly values?: boolean;
  /** Takes rows of any age: they are moved to another time. */
  readonly anyAge?: boolean;
}

/** Reads a CSV as every command does, with the ids of the import, and sorts it by event time; says which columns it took and
 *  which lines are wrong. The whole file is kept in memory. Throws CLI_FILE, CSV_LAYOUT. */
export async function readReplayRows(cli: Cli, config: Config, file: string, options: ReadOptions): Promise<ReplayFile> {
  const { date, mapping, layout, values = false, anyAge = false } = options;
  const ages = anyAge ? { maxAgeMs: Number.POSITIVE_INFINITY, maxFutureMs: Number.POSITIVE_INFINITY } : {};
  const validator = createValidator({ ...eventTimes(config), ...ages });
  const reader = createCsvReader({
    values,
    times: validator.placeTimes(cli.clock.now),
    source: 'csv',
    maxLineBytes: config.http.max_line_bytes,
    maxHeld: HELD_OF_FILE,
    ...(layout === undefined ? {} : { layout }),
    ...(date === undefined ? {} : { date }),
    ...(mapping === undefined ? {} : { mapping }),
  });
  const taking = createTaking(cli, validator);
  let shown: CsvLayout | null = null;
  for await (const items of reader.read(openFile(cli, file))) {
    if (reader.layout === null) continue;
    if (shown === null) cli.note(layoutText(cli, reader.layout));
    shown = reader.layout;
    for (const item of items) taking.take(item, shown);
  }
  taking.refused.finish();
  if (shown === null && reader.layout !== null) cli.note(layoutText(cli, (shown = reader.layout)));
  if (shown === null) throw new RangeError('a file was read without its header');
  return { ...taking.taken(), layout: shown, breakdown: shown.breakdown };
}

function createTaking(cli: Cli, validator: Validator) {
  const rows: ReplayRow[] = [];
  const points: LabelledPoint[] = [];
  const refused = createRefusedLines(cli);
  const incomplete = new Set<number>();

  function refuse(item: StreamItem, findings: Parameters<RefusedLines['add']>[1], timestamp: unknown, layout: CsvLayout): void {
    refused.add(item.at, findings);
    if (typeof timestamp !== 'string' || !isCountRow(layout)) return;
    // A minute that the server refuses for its age is nobody's to judge.
    const at = validator.checkTime(timestamp, 'timestamp', cli.clock.now(), []);
    if (at !== undefined) incomplete.add(minuteOf(at));
  }

  return {
    refused,
    take(item: StreamItem, layout: CsvLayout): void {
      if (item.kind === 'broken') {
        refuse(item, item.findings, item.timestamp, layout);
        return;
      }
      const value = item.value as Record<string, unknown>;
      if (layout.kind === 'value') {
        const { point, findings } = seriesPoint(value);
        if (point === null) refused.add(item.at, findings);
        else points.push(point);
        return;
      }
      const { timestamp } = value;
      const checked = validator.validate(value, cli.clock.now(), { breakdown: layout.breakdown });
      if (checked.kind === 'invalid') return refuse(item, checked.findings, timestamp, layout);
      const { occurred_at: at } = checked.content;
      if (at === null) throw new RangeError('a row of a file was read without its time');
      rows.push({ at, value });
    },
    taken() {
      rows.sort((a, b) => a.at - b.at);
      return { rows, points, refused, incomplete: [...incomplete].sort((a, b) => a - b) };
    },
  };
}

/** Text of a file, or of standard input for `-`, as bytes of UTF-8. Throws CLI_FILE when it cannot be read or is no
 *  text. */
export async function* openFile(cli: Cli, file: string): AsyncGenerator<Buffer> {
  try {
    const source: AsyncIterable<Buffer> = file === '-' ? cli.stdin : createReadStream(resolve(cli.cwd, file), { highWaterMark: 262_144 });
    yield* decodeFile(cli, source);
  } catch (error) {
    throw fileError(cli, 'error.file', file, error);
  }
}
