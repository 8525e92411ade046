import type { Config } from '../config/config-schema.ts';
import { eventTimes } from '../app/event-times.ts';
import { csvCells } from '../csv/write-cells.ts';
import { GuardianError, isGuardianError } from '../errors.ts';
import type { CsvOptions } from '../csv/csv-options.ts';
import { createCsvReader, HELD_OF_FILE } from '../csv/read-csv.ts';
import { isCountRow, type CsvLayout } from '../csv/csv-layout.ts';
import { CSV_HEADER, csvRow } from '../csv/write-csv.ts';
import { toFieldErrors } from '../check/finding.ts';
import type { RepeatedStretch } from '../check/file-order.ts';
import type { PlaceTime } from '../check/place-time.ts';
import type { StreamItem } from '../check/stream-item.ts';
import { createValidator } from '../ingest/validate.ts';
import type { Cli } from './cli.ts';
import { errorText } from './error-text.ts';
import type { RejectedLine } from './rejects-file.ts';
import { cellText } from './cell-text.ts';
import { layoutText } from './layout-text.ts';

/** One row of a file on its way to the server. */
export interface ImportRow {
  /** Event time, epoch milliseconds. */
  readonly at: number;
  /** Number of the file in the order given, from 0, and its line, from 1. */
  readonly file: number;
  readonly line: number;
  /** The row with its id, as `csvRow` writes it. */
  readonly csv: string;
  /** Text of the line with card numbers hidden. */
  readonly raw: string;
  readonly dimension: 'status' | 'auth_code';
  /** Its status or auth code. */
  readonly name: string;
  readonly count: number;
  /** Not a row of the file: reports to the server that a row with a count of this minute was refused. */
  readonly isMark?: true;
}

/** What one line of a file holds. */
export type ImportLine = ImportRow | RejectedLine;

/** Distinguishes a row from a wrong line. */
export function isRow(line: ImportLine): line is ImportRow {
  return 'csv' in line;
}

/** A named file with the bytes to be read; `index`: its number in the order given. */
export interface ImportSource {
  readonly name: string;
  readonly index: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Reads rows of files, in the order of the lines, with the ids that the server would give them. */
export interface ImportReader {
  /** Every line but blank ones, group by group. Throws CLI_FILE for a file that is not a CSV we know, naming it. */
  read(source: ImportSource): AsyncGenerator<readonly ImportLine[]>;
  /** True when no row is more than `lateMs` older than one before it; reads no further than needed. Throws like `read`. */
  isInOrder(source: ImportSource, lateMs: number): Promise<boolean>;
  /** How the rows that were read lie in local times that a clock change repeats: by number of the file. */
  repeated(): readonly (readonly [file: number, stretch: RepeatedStretch])[];
}

/** Makes the reader of one import. */
export function createImportReader(cli: Cli, config: Config, options: Pick<CsvOptions, 'layout' | 'date' | 'mapping'>): ImportReader {
  const validator = createValidator(eventTimes(config));
  const csvOf = (times: PlaceTime) => ({
    ...options,
    times,
    source: 'csv',
    maxLineBytes: config.http.max_line_bytes,
    maxHeld: HELD_OF_FILE,
  });

  const placed = new Map<number, PlaceTime>();

  const shown = new Set<string>();

  /** Says once which columns a file was read by. */
  function takeAll(items: readonly StreamItem[], from: Origin): ImportLine[] {
    if (!shown.has(from.source.name)) cli.note(layoutText(cli, from.layout));
    shown.add(from.source.name);
    return items.flatMap((item) => take(item, from));
  }

  const timeOf = (value: Readonly<Record<string, unknown>>): number => {
    const at = validator.readTime(cellText(value['timestamp']), 'timestamp', cli.clock.now());
    return typeof at === 'number' ? at : Number.NaN;
  };

  /** A wrong line, and the record that marks its minute as incomplete. */
  function refuse({ at: line, raw = '' }: StreamItem, from: Origin, findings: Findings, timestamp: unknown): ImportLine[] {
    const { name, index } = from.source;
    const rejected = { file: name, line, raw, errors: toFieldErrors(findings, cli.locale) };
    if (typeof timestamp !== 'string' || !isCountRow(from.layout)) return [rejected];
    const at = validator.readTime(timestamp, 'timestamp', cli.clock.now());
    if (typeof at !== 'number') return [rejected];
    const csv = csvCells({ timestamp: new Date(at).toISOString(), status: 'approved', count: '' }, CSV_HEADER.split(','));
    return [rejected, { at, file: index, line, csv, raw: '', dimension: 'status', name: '', count: 0, isMark: true }];
  }

  function take(item: StreamItem, from: Origin): ImportLine[] {
    const { at: line, raw = '' } = item;
    const { breakdown } = from.layout;
    if (item.kind === 'broken') return refuse(item, from, item.findings, item.timestamp);
    const value = item.value as Readonly<Record<string, unknown>>;
    const at = timeOf(value);
    const checked = validator.validate(value, cli.clock.now(), { breakdown });
    if (checked.kind === 'invalid') return refuse(item, from, checked.findings, value['timestamp']);
    const dimension = breakdown ? 'auth_code' : 'status';
    const count = Number(value['count'] ?? 1);
    return [{ at, file: from.source.index, line, csv: csvRow(value), raw, dimension, name: cellText(value[dimension]), count }];
  }

  return {
    async *read(source) {
      const times = validator.placeTimes(cli.clock.now);
      placed.set(source.index, times);
      const reader = createCsvReader(csvOf(times));
      for await (const items of named(cli, source.name, reader.read(source.chunks)))
        if (reader.layout !== null) yield takeAll(items, { source, layout: reader.layout });
    },
    async isInOrder(source, lateMs) {
      let latest = Number.NEGATIVE_INFINITY;
      for await (const items of named(
        cli,
        source.name,
        createCsvReader({ ...csvOf(validator.placeTimes(cli.clock.now)), ids: false }).read(source.chunks),
      )) {
        for (const item of items) {
          if (item.kind !== 'item') continue;
          const at = timeOf(item.value as Readonly<Record<string, unknown>>);
          if (at < latest - lateMs) return false;
          if (at > latest) latest = at;
        }
      }
      return true;
    },
    repeated: () => [...placed].flatMap(([file, times]) => times.repeated.map((stretch) => [file, stretch] as const)),
  };
}

/** The file that a line is of, and its layout. */
interface Origin {
  readonly source: ImportSource;
  readonly layout: CsvLayout;
}
type Findings = Parameters<typeof toFieldErrors>[0];

/** Puts the name of the file and the person's language into the error of a layout. */
async function* named<T>(cli: Cli, file: string, groups: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* groups;
  } catch (error) {
    if (!isGuardianError(error, 'CSV_LAYOUT')) throw error;
    const message = errorText(cli, error);
    throw new GuardianError('CLI_FILE', cli.say('error.file', { file, message }), { cause: error });
  }
}
