import type { Config } from '../app/config-schema.ts';
import { eventTimes } from '../app/event-times.ts';
import { GuardianError, isGuardianError } from '../errors.ts';
import { createCsvReader, type CsvOptions } from '../ingest/csv/read-csv.ts';
import { csvRow } from '../ingest/csv/write-csv.ts';
import { toFieldErrors } from '../ingest/finding.ts';
import type { RepeatedStretch } from '../ingest/file-order.ts';
import type { PlaceTime } from '../ingest/place-time.ts';
import type { StreamItem } from '../ingest/stream/stream-item.ts';
import { createValidator } from '../ingest/validate.ts';
import type { Cli } from './cli.ts';
import { csvLayoutText } from './error-text.ts';
import type { RejectedLine } from './rejects-file.ts';
import { cellText } from './replay-rows.ts';

/** One row of a file on its way to the server. */
export interface ImportRow {
  /** Event time, epoch milliseconds; `NO_TIME` for a row that leaves it out. */
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
}

/** What one line of a file holds. */
export type ImportLine = ImportRow | RejectedLine;

/** Tells a row from a wrong line. */
export function isRow(line: ImportLine): line is ImportRow {
  return 'csv' in line;
}

/** Counted at its arrival, so it goes in last. */
export const NO_TIME = Number.MAX_SAFE_INTEGER;

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
  });

  const placed = new Map<number, PlaceTime>();

  const timeOf = (value: Readonly<Record<string, unknown>>): number => {
    if (value['timestamp'] === undefined) return NO_TIME;
    const at = validator.readTime(cellText(value['timestamp']), 'timestamp', cli.clock.now());
    return typeof at === 'number' ? at : Number.NaN;
  };

  function take(item: StreamItem, { name, index }: ImportSource, breakdown: boolean): ImportLine {
    const { at: line, raw = '' } = item;
    const reject = (findings: Parameters<typeof toFieldErrors>[0]): RejectedLine => ({
      file: name,
      line,
      raw,
      errors: toFieldErrors(findings, cli.locale),
    });
    if (item.kind === 'broken') return reject(item.findings);
    const value = item.value as Readonly<Record<string, unknown>>;
    const at = timeOf(value);
    // What cannot be sorted, may hold a card number, or has a status by the rules of its own file only, is judged here.
    if (Number.isNaN(at) || raw.includes('*') || (!breakdown && value['status'] === undefined)) {
      const checked = validator.validate(value, cli.clock.now(), { breakdown });
      if (checked.kind === 'invalid') return reject(checked.findings);
    }
    const dimension = breakdown ? 'auth_code' : 'status';
    const count = Number(value['count'] ?? 1);
    return { at, file: index, line, csv: csvRow(value), raw, dimension, name: cellText(value[dimension]), count };
  }

  return {
    async *read(source) {
      const times = validator.placeTimes(cli.clock.now);
      placed.set(source.index, times);
      const reader = createCsvReader(csvOf(times));
      for await (const items of named(cli, source.name, reader.read(source.chunks)))
        yield items.map((item) => take(item, source, reader.layout?.breakdown ?? false));
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
          if (at < latest - lateMs || at === NO_TIME) return false;
          if (at > latest) latest = at;
        }
      }
      return true;
    },
    repeated: () => [...placed].flatMap(([file, times]) => times.repeated.map((stretch) => [file, stretch] as const)),
  };
}

/** Puts the name of the file and the person's language into the error of a layout. */
async function* named<T>(cli: Cli, file: string, groups: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* groups;
  } catch (error) {
    if (!isGuardianError(error, 'CSV_LAYOUT')) throw error;
    const message = csvLayoutText(cli, error.data['reason'], error.message);
    throw new GuardianError('CLI_FILE', cli.say('error.file', { file, message }), { cause: error });
  }
}
