import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../app/config-schema.ts';
import { eventTimes } from '../app/event-times.ts';
import type { CsvLayoutName } from '../ingest/csv/csv-layout.ts';
import { createCsvReader } from '../ingest/csv/read-csv.ts';
import { toFieldErrors, type Finding } from '../ingest/finding.ts';
import { createValidator } from '../ingest/validate.ts';
import type { Cli } from './cli.ts';
import { decodeFile } from './decode-file.ts';
import { fileError } from './file-problem.ts';

/** One row of a file, ready to be sent. `at`: event time, epoch milliseconds. */
export interface ReplayRow {
  readonly at: number;
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly value: Record<string, unknown>;
}

export interface ReplayFile {
  /** In the order of event time; equal times in the order of the file. */
  readonly rows: readonly ReplayRow[];
  /** Rows count by auth code and have no status: only the CSV way in takes them. */
  readonly breakdown: boolean;
  /** Wrong lines in words: line and reason. */
  readonly broken: readonly string[];
}

export interface ReadOptions {
  readonly layout?: CsvLayoutName;
  readonly date?: string;
  readonly mapping?: Readonly<Record<string, string>>;
}

/** Text of one cell of a row; '' for an absent one. */
export function cellText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Reads a CSV as the import does, with the same ids, and sorts it by event time. The whole file is kept in memory.
 *  Throws CLI_FILE, CSV_LAYOUT. */
export async function readReplayRows(cli: Cli, config: Config, file: string, options: ReadOptions): Promise<ReplayFile> {
  const validator = createValidator(eventTimes(config));
  const times = validator.placeTimes(cli.clock.now);
  const reader = createCsvReader({ ...options, times, source: 'csv', maxLineBytes: config.http.max_line_bytes });
  const rows: ReplayRow[] = [];
  const broken: string[] = [];
  for await (const items of reader.read(openFile(cli, file))) {
    for (const item of items) {
      if (item.kind === 'broken') {
        broken.push(`${item.at}: ${inWords(cli, item.findings)}`);
        continue;
      }
      const value = item.value as Record<string, unknown>;
      const at = validator.readTime(cellText(value['timestamp']), 'timestamp', cli.clock.now());
      if (typeof at === 'number') rows.push({ at, line: item.at, value });
      else broken.push(`${item.at}: ${inWords(cli, [at])}`);
    }
  }
  rows.sort((a, b) => a.at - b.at);
  return { rows, broken, breakdown: reader.layout?.breakdown ?? false };
}

/** Findings of one row as one text. */
export function inWords(cli: Cli, findings: readonly Finding[]): string {
  return toFieldErrors(findings, cli.locale)
    .map(({ field, message }) => `${field} ${message}`)
    .join('; ');
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
