import { createWriteStream, statSync } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { detectorFactory } from '../../app/detector-factory.ts';
import { backtest, type BacktestOutput } from '../../detect/backtest.ts';
import { readBacktestCsv } from '../../detect/backtest-csv.ts';
import type { BacktestLayout } from '../../detect/backtest-layout.ts';
import { shownName } from '../../ingest/finding.ts';
import { createFileOrder } from '../../ingest/file-order.ts';
import { createWallClock } from '../../ingest/time-zone.ts';
import { GuardianError, isGuardianError } from '../../errors.ts';
import { oneOf, type Cli } from '../cli.ts';
import { fileError } from '../file-problem.ts';
import type { Registry } from '../program.ts';
import { createProgress } from '../progress.ts';
import { openFile } from '../replay-rows.ts';

interface Options {
  readonly format: string;
  readonly out: string;
}

const HEADER = 'timestamp,score,z,decision,status,reason,severity\n';
const FORMATS = ['auto', 'counts', 'series'] as const;

/** `guardian backtest`: the decisions of the live product, on a file. */
export function registerBacktest({ cli, add, run }: Registry): void {
  add('backtest', cli.say('backtest.about'), 'guardian backtest transactions.csv --out scores.csv')
    .argument('<csv>', cli.say('arg.csv'))
    .option('--format <format>', cli.say('opt.format'), 'auto')
    .requiredOption('--out <file>', cli.say('opt.out'))
    .action(run((csv: string, options: Options) => backtestCommand(cli, csv, options)));
}

async function backtestCommand(cli: Cli, csv: string, options: Options): Promise<number> {
  if (isSameFile(resolve(cli.cwd, csv), resolve(cli.cwd, options.out)))
    throw new GuardianError('CLI_FILE', cli.say('backtest.same', { file: options.out }));
  const config = cli.config();
  const factory = detectorFactory(config);
  const timeZone = config.time_zone;
  const order = createFileOrder(createWallClock(timeZone));
  const rows = backtest(
    readBacktestCsv(openFile(cli, csv), order.place, (layout) => cli.note(layoutText(cli, layout))),
    {
      format: oneOf(cli, '--format', FORMATS, options.format),
      locale: cli.locale,
      timeZone,
      maxGapMinutes: config.window.max_gap_minutes,
      createDetector: () => factory.create(null),
    },
  );
  const written = options.out === '-' ? await print(cli, rows) : await write(cli, rows, options.out);
  cli.note(cli.say('backtest.done', { rows: written, file: options.out }));
  return 0;
}

/** Which columns were taken for what, and which were left out. */
function layoutText(cli: Cli, { header, kind, time, date, name, value, wide, labels, dimensions }: BacktestLayout): string {
  const taken: readonly (readonly [string, readonly number[]])[] = [
    ['timestamp', date < 0 ? [time] : [date, time]],
    [kind === 'wide' ? 'status' : kind, kind === 'wide' ? wide : [name]],
    [kind === 'value' ? 'value' : 'count', kind === 'wide' ? [] : [value]],
    ...Object.entries(dimensions).map(([field, column]) => [field, [column]] as const),
    ['series', labels],
  ];
  const used = taken
    .map(([field, columns]) => [field, columns.filter((column) => column >= 0)] as const)
    .filter(([, columns]) => columns.length > 0);
  const places = new Set(used.flatMap(([, columns]) => columns));
  const nameOf = (column: number): string => shownName(header[column] ?? '');
  const columns = used.map(([field, own]) => `${field} = ${own.map(nameOf).join(' + ')}`).join(', ');
  const rest = [...header.keys()].filter((column) => !places.has(column)).map(nameOf);
  return rest.length === 0 ? cli.say('backtest.read_all', { columns }) : cli.say('backtest.read', { columns, rest: rest.join(', ') });
}

/** True where both names lead to one file, also by a link. */
function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

async function print(cli: Cli, rows: AsyncIterable<BacktestOutput>): Promise<number> {
  let written = 0;
  cli.stdout.write(HEADER);
  for await (const row of rows) {
    cli.stdout.write(lineOf(row));
    written++;
  }
  return written;
}

/** Opens the file when the first row is there: what cannot be read leaves an older result as it is. */
async function write(cli: Cli, rows: AsyncIterableIterator<BacktestOutput>, file: string): Promise<number> {
  const first = await rows.next();
  const stream = createWriteStream(resolve(cli.cwd, file));
  const closed = finished(stream);
  closed.catch(() => undefined);
  const progress = createProgress(cli, 'backtest');
  let written = 0;
  try {
    stream.write(HEADER);
    for (let next = first; next.done !== true; next = await rows.next()) {
      cli.signal.throwIfAborted();
      if (!stream.write(lineOf(next.value))) await Promise.race([once(stream, 'drain'), closed]);
      progress.update(++written);
    }
    stream.end();
    await closed;
    return written;
  } catch (error) {
    if (isGuardianError(error) || cli.signal.aborted) throw error;
    throw fileError(cli, 'error.file_write', file, error);
  } finally {
    stream.destroy();
    progress.stop();
  }
}

function lineOf({ timestamp, score, z, decision, status, reason, severity }: BacktestOutput): string {
  const text = /[",\n]/.test(reason) ? `"${reason.replaceAll('"', '""')}"` : reason;
  return `${timestamp},${round(score)},${round(z)},${decision},${status},${text},${severity ?? ''}\n`;
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
