import { createWriteStream, statSync } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { detectorFactory } from '../../app/detector-factory.ts';
import type { BacktestOutput } from '../../backtest/backtest-output.ts';
import { backtest } from '../../backtest/backtest.ts';
import { csvCells } from '../../csv/write-cells.ts';
import { GuardianError, isGuardianError } from '../../errors.ts';
import { oneOf, type Cli } from '../cli.ts';
import { readBacktestRows } from '../backtest-rows.ts';
import { EXIT } from '../exit-codes.ts';
import { fileError } from '../file-problem.ts';
import { layoutText } from '../layout-text.ts';
import { readMapping } from '../mapping.ts';
import type { CommandRegistry } from '../registry.ts';
import { createProgress } from '../progress.ts';
import { createRefusedLines } from '../refused-lines.ts';
import { openFile } from '../replay-rows.ts';

interface Options {
  readonly format: string;
  readonly out: string;
  readonly date?: string;
  readonly mapping?: Readonly<Record<string, string>>;
}

const COLUMNS = ['timestamp', 'score', 'z', 'decision', 'status', 'reason', 'severity', 'merchant_id', 'acquirer'];
const HEADER = `${COLUMNS.join(',')}\n`;
const FORMATS = ['auto', 'counts', 'series'] as const;

/** `guardian backtest`: the decisions of the live product, on a file. */
export function registerBacktest({ cli, add, run }: CommandRegistry): void {
  add('backtest', cli.say('backtest.about'), 'guardian backtest transactions.csv --out scores.csv')
    .argument('<csv>', cli.say('arg.csv'))
    .option('--format <format>', cli.say('opt.format'), 'auto')
    .requiredOption('--out <file>', cli.say('opt.out'))
    .option('--date <day>', cli.say('opt.date'))
    .option('--mapping <field=column>', cli.say('opt.mapping'), readMapping(cli))
    .addHelpText('after', `\n${cli.say('file.exit')}`)
    .action(run((csv: string, options: Options) => backtestCommand(cli, csv, options)));
}

async function backtestCommand(cli: Cli, csv: string, options: Options): Promise<number> {
  if (isSameFile(resolve(cli.cwd, csv), resolve(cli.cwd, options.out)))
    throw new GuardianError('CLI_FILE', cli.say('backtest.same', { file: options.out }));
  const config = cli.config();
  const factory = detectorFactory(config);
  const timeZone = config.time_zone;
  const refused = createRefusedLines(cli);
  const incomplete = new Set<number>();
  const read = readBacktestRows(openFile(cli, csv), {
    timeZone,
    date: options.date,
    mapping: options.mapping,
    onLayout: (layout) => cli.note(layoutText(cli, layout)),
    onRefused: refused.add,
    onIncomplete: (minute) => incomplete.add(minute),
  });
  const rows = backtest(read, {
    format: oneOf(cli, '--format', FORMATS, options.format),
    locale: cli.locale,
    timeZone,
    maxGapMinutes: config.window.max_gap_minutes,
    createDetector: () => factory.create(null),
  });
  const nothing = (): GuardianError | null => {
    refused.finish();
    return refused.count === 0 ? null : new GuardianError('CLI_FILE', cli.say('analyze.nothing', { file: csv }));
  };
  const written = options.out === '-' ? await print(cli, rows, nothing) : await write(cli, rows, options.out, nothing);
  if (written > 0) refused.finish();
  if (refused.count > 0) cli.note(cli.say('analyze.refused', { n: refused.count }));
  if (incomplete.size > 0) cli.note(cli.say('file.incomplete', { n: incomplete.size }));
  cli.note(cli.say('backtest.done', { rows: written, file: options.out }));
  return refused.count > 0 ? EXIT.partial : EXIT.ok;
}

/** True where both names lead to one file, also by a link. */
function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

/** The error of a file of which no row could be read; null where it has none. */
type Nothing = () => GuardianError | null;

async function print(cli: Cli, rows: AsyncIterable<BacktestOutput>, nothing: Nothing): Promise<number> {
  let written = 0;
  for await (const row of rows) {
    if (written === 0) cli.stdout.write(HEADER);
    cli.stdout.write(lineOf(row));
    written++;
  }
  const error = written === 0 ? nothing() : null;
  if (error !== null) throw error;
  if (written === 0) cli.stdout.write(HEADER);
  return written;
}

/** Opens the file when the first row is there: what cannot be read leaves an older result as it is. */
async function write(cli: Cli, rows: AsyncIterableIterator<BacktestOutput>, file: string, nothing: Nothing): Promise<number> {
  const first = await rows.next();
  const error = first.done === true ? nothing() : null;
  if (error !== null) throw error;
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

function lineOf({ score, z, ...row }: BacktestOutput): string {
  return `${csvCells({ ...row, score: round(score), z: round(z) }, COLUMNS)}\n`;
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
