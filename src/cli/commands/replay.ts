import { resolve } from 'node:path';
import { MINUTE_MS, minuteOf } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import { CSV_LAYOUTS } from '../../csv/csv-layout.ts';
import { oneOf, positiveNumber, type Cli } from '../cli.ts';
import { reportEndOfFile } from '../end-of-file.ts';
import { readMapping } from '../mapping.ts';
import { createPace } from '../pace.ts';
import type { CommandRegistry } from '../registry.ts';
import { createProgress } from '../progress.ts';
import { createReplayPosition } from '../replay-position.ts';
import { csvCells } from '../../csv/write-cells.ts';
import { cellText } from '../cell-text.ts';
import { EXIT } from '../exit-codes.ts';
import { readReplayRows, type ReplayFile, type ReplayRow } from '../replay-rows.ts';
import { serverUrl } from '../running-server.ts';
import { createSender, type Sender } from '../send-batch.ts';
import { createServerClient } from '../server-client.ts';
import { inZoneOfServer } from '../server-zone.ts';

interface Options {
  readonly speed: string;
  readonly url?: string;
  readonly shiftTo?: string;
  readonly resume?: boolean;
  readonly layout: string;
  readonly date?: string;
  readonly mapping?: Readonly<Record<string, string>>;
}

const MAX_BATCH = 2000;

/** `guardian replay`: rows through the API at the pace of their own times. */
export function registerReplay({ cli, add, run }: CommandRegistry): void {
  add('replay', cli.say('replay.about'), 'guardian replay transactions.csv --speed 600')
    .argument('<csv>', cli.say('arg.csv'))
    .option('--speed <n>', cli.say('opt.speed'), '60')
    .option('--url <url>', cli.say('opt.url'))
    .option('--shift-to <time>', cli.say('opt.shift_to'))
    .option('--resume', cli.say('opt.resume'))
    .option('--layout <name>', cli.say('opt.layout'), 'auto')
    .option('--date <day>', cli.say('opt.date'))
    .option('--mapping <field=column>', cli.say('opt.mapping'), readMapping(cli))
    .addHelpText('after', `\n${cli.say('file.exit')}`)
    .action(run((csv: string, options: Options) => replayCommand(cli, csv, options)));
}

async function replayCommand(cli: Cli, csv: string, options: Options): Promise<number> {
  const config = await inZoneOfServer(cli, cli.config(), options.url);
  const speed = positiveNumber(cli, '--speed', options.speed);
  const file = await readReplayRows(cli, config, csv, {
    layout: oneOf(cli, '--layout', CSV_LAYOUTS, options.layout),
    date: options.date,
    mapping: options.mapping,
    anyAge: options.shiftTo !== undefined,
  });
  if (file.incomplete.length > 0) cli.note(cli.say('file.incomplete', { n: file.incomplete.length }));
  if (file.rows.length === 0 && file.refused.count > 0) throw new GuardianError('CLI_FILE', cli.say('analyze.nothing', { file: csv }));
  const client = createServerClient(cli, serverUrl(cli.cwd, config, options.url));
  const position = createReplayPosition(resolve(cli.cwd, config.data_dir), resolve(cli.cwd, csv), client.url);
  const last = options.resume === true ? position.read() : undefined;
  const shiftMs = last?.shiftMs ?? shiftOf(cli, file, options.shiftTo);
  const rows = shiftMs === 0 ? file.rows : file.rows.map((row) => shifted(row, shiftMs));
  const sender = createSender(cli, client, { source: 'csv' });
  const from = Math.min(last?.done ?? 0, rows.length);
  const incomplete = file.incomplete.map((minute) => minute + shiftMs);
  const done = await sendAtPace(cli, sender, { rows, from, speed, incomplete, breakdown: file.breakdown }, (count) =>
    position.write({ done: count, shiftMs }),
  );
  const lastMs = rows.at(-1)?.at;
  if (done === rows.length && lastMs !== undefined) await reportEndOfFile(cli, client, { lastMs, lateS: config.window.late_s });
  const { accepted, duplicate, refused } = sender.counts;
  for (const refusal of sender.refusals) cli.note(refusal);
  cli.print(cli.say('accepted_line', { accepted, duplicate, refused: refused + file.refused.count }));
  if (done < rows.length) cli.note(cli.say('interrupted'));
  if (done < rows.length) return EXIT.failed;
  return refused + file.refused.count > 0 ? EXIT.partial : EXIT.ok;
}

function shiftOf(cli: Cli, file: ReplayFile, to: string | undefined): number {
  if (to === undefined) return 0;
  oneOf(cli, '--shift-to', ['now'], to);
  const first = file.rows[0]?.at ?? 0;
  // Whole minutes, so that counts per minute stay as they are.
  return Math.floor(cli.clock.now() / MINUTE_MS) * MINUTE_MS - Math.floor(first / MINUTE_MS) * MINUTE_MS;
}

/** A row at another time is another transaction, so it needs an id of its own. */
function shifted(row: ReplayRow, shiftMs: number): ReplayRow {
  const at = row.at + shiftMs;
  const id = `${cellText(row.value['id'])}-${Math.floor(shiftMs / MINUTE_MS).toString(36)}`;
  return { at, value: { ...row.value, id, timestamp: new Date(at).toISOString() } };
}

interface Plan {
  readonly rows: readonly ReplayRow[];
  readonly from: number;
  readonly speed: number;
  readonly breakdown: boolean;
  /** Minutes of which a row was refused, in order. */
  readonly incomplete: readonly number[];
}

/** Sends what is due, in order, at most `MAX_BATCH` rows at a time. Gives the number of rows that are confirmed. */
async function sendAtPace(
  cli: Cli,
  sender: Sender,
  { rows, from, speed, breakdown, incomplete }: Plan,
  keep: (done: number) => void,
): Promise<number> {
  const progress = createProgress(cli, cli.say('replay.progress'), rows.length);
  const start = rows[from]?.at ?? 0;
  const pace = createPace(cli, start, speed);
  let done = from;
  let marked = incomplete.filter((minute) => from > 0 && minute < minuteOf(start)).length;
  try {
    while (done < rows.length && !cli.signal.aborted) {
      await pace.until(rows[done]?.at ?? start);
      if (cli.signal.aborted) break;
      const due = pace.position();
      let end = done + 1;
      // What is missing of a minute must be known with its rows: not after the minute ends, and not before those that come earlier.
      const unsent = marked;
      while ((incomplete[marked] ?? Number.POSITIVE_INFINITY) <= (rows[done]?.at ?? start)) marked++;
      await sender.mark(incomplete.slice(unsent, marked));
      const last = Math.min(due, (incomplete[marked] ?? Number.POSITIVE_INFINITY) - 1);
      while (end < rows.length && end - done < MAX_BATCH && (rows[end]?.at ?? 0) <= last) end++;
      const batch = rows.slice(done, end).map((row) => row.value);
      if (breakdown) await sender.sendBody(toCsv(batch), 'text/csv');
      else await sender.send(batch);
      if (cli.signal.aborted) break;
      done = end;
      keep(done);
      progress.update(done);
    }
  } finally {
    progress.stop();
  }
  return done;
}

function toCsv(rows: readonly Record<string, unknown>[]): string {
  const columns = [...new Set([...rows.flatMap((row) => Object.keys(row)), 'count'])];
  const lines = rows.map((row) => csvCells({ ...row, count: row['count'] ?? 1 }, columns));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
