import { basename, resolve } from 'node:path';
import type { AnomalyPage, AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import { secondsToMs } from '../../clock.ts';
import { CSV_LAYOUTS } from '../../csv/csv-layout.ts';
import { awaitJudged } from '../await-judged.ts';
import { oneOf, usageError, type Cli } from '../cli.ts';
import { orderLines, type OrderedLines } from '../import-order.ts';
import { createImportReader, type ImportReader } from '../import-rows.ts';
import { createImportSending, type ImportSending } from '../import-sending.ts';
import { createImportTotals, type ImportTotals } from '../import-totals.ts';
import { withServer } from '../local-app.ts';
import { reportEndOfFile } from '../end-of-file.ts';
import { readMapping } from '../mapping.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandRegistry } from '../registry.ts';
import { createRefusedLines } from '../refused-lines.ts';
import { createRejectsFile, type RejectedLine, type RejectsFile } from '../rejects-file.ts';
import type { ServerClient } from '../server-client.ts';
import { inZoneOfServer } from '../server-zone.ts';
import { uploadCsv } from '../upload.ts';

interface Options {
  readonly url?: string;
  readonly layout: string;
  readonly date?: string;
  readonly mapping?: Readonly<Record<string, string>>;
  readonly rejects?: string;
}

const MAX_SHOWN_ANOMALIES = 20;

/** `guardian import`: history, in the order of event time whatever the order of the files; it is counted and scored, and nobody is paged. */
export function registerImport({ cli, add, run }: CommandRegistry): void {
  add('import', cli.say('import.about'), 'guardian import transactions.csv')
    .argument('<csv...>', cli.say('arg.csvs'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--layout <name>', cli.say('opt.layout'), 'auto')
    .option('--date <day>', cli.say('opt.date'))
    .option('--mapping <field=column>', cli.say('opt.mapping'), readMapping(cli))
    .option('--rejects <file>', cli.say('opt.rejects'))
    .addHelpText('after', `\n${cli.say('file.exit')}`)
    .action(run((files: string[], options: Options) => importCommand(cli, files, options)));
}

async function importCommand(cli: Cli, files: readonly string[], options: Options): Promise<number> {
  const config = await inZoneOfServer(cli, cli.config(), options.url);
  const layout = oneOf(cli, '--layout', CSV_LAYOUTS, options.layout);
  if (files.length > 1 && files.includes('-')) throw usageError(cli.say('usage.stdin'));
  const reader = createImportReader(cli, config, {
    layout,
    ...(options.date === undefined ? {} : { date: options.date }),
    ...(options.mapping === undefined ? {} : { mapping: options.mapping }),
  });
  const totals = createImportTotals();
  const path = resolve(cli.cwd, options.rejects ?? `${nameOf(files)}.rejects.csv`);
  const rejects = createRejectsFile(cli, { path, isChosen: options.rejects !== undefined });
  const listed = createRefusedLines(cli);
  const add = async (lines: readonly RejectedLine[]): Promise<void> => {
    for (const line of lines) listed.addErrors(line, files.length > 1 ? line.file : undefined);
    await rejects.add(lines);
  };
  const sending = createImportSending(files, totals, { add });
  try {
    const folder = resolve(cli.cwd, config.data_dir);
    const lines = await orderLines(cli, files, { reader, lateMs: secondsToMs(config.window.late_s), folder, reject: sending.reject });
    try {
      return await withServer(cli, config, options.url, async (client) => {
        await upload(cli, client, sending, lines);
        await rejects.close();
        listed.finish();
        // The last minute may have refused rows only: it must close too.
        const lastMs = [...sending.incomplete].reduce((last, minute) => Math.max(last, minute), totals.span?.last ?? 0);
        if (lastMs > 0) await reportEndOfFile(cli, client, { lastMs, lateS: config.window.late_s });
        const unjudged = await awaitJudged(cli, client);
        cli.print(cli.say('accepted_line', sending.counts));
        printRejects(cli, rejects, sending.counts);
        if (sending.incomplete.size > 0) cli.note(cli.say('file.incomplete', { n: sending.incomplete.size }));
        printTotals(cli, totals);
        printRepeated(cli, files, reader, config.time_zone);
        if (unjudged.records + unjudged.minutes > 0) cli.print(cli.say('import.unjudged', { ...unjudged }));
        await printAnomalies(cli, client, totals, config.time_zone);
        return isRefused(sending.counts) ? EXIT.failed : sending.counts.refused > 0 ? EXIT.partial : EXIT.ok;
      });
    } finally {
      await lines.close();
    }
  } finally {
    await rejects.close();
  }
}

/** Says how many lines were refused, and where they are. */
function printRejects(cli: Cli, { count: n, path: file }: RejectsFile, counts: ImportSending['counts']): void {
  if (n === 0) return;
  if (file === null) cli.print(cli.say('import.rejects_unwritten', { n }));
  else cli.print(cli.say(isRefused(counts) ? 'import.none' : 'import.rejects', { n, file }));
}

/** True when there were rows and none of them is in, now or before. */
function isRefused({ accepted, duplicate, refused }: ImportSending['counts']): boolean {
  return refused > 0 && accepted + duplicate === 0;
}

/** What the list of refused lines is named after. */
function nameOf(files: readonly string[]): string {
  const [first = '', ...others] = files;
  if (others.length > 0) return 'import';
  return first === '-' ? 'stdin' : basename(first);
}

async function upload(cli: Cli, client: ServerClient, sending: ImportSending, lines: OrderedLines): Promise<void> {
  const url = new URL(`${client.url}/transactions/batch`);
  url.searchParams.set('breakdown_rows', 'true');
  try {
    for await (const answers of uploadCsv(cli, url, sending.body(lines.groups))) await sending.settle(answers);
  } finally {
    await sending.finish();
  }
}

function printTotals(cli: Cli, totals: ImportTotals): void {
  for (const [dimension, byName] of totals.byDimension) {
    cli.print(cli.say('import.totals', { dimension }));
    for (const [name, count] of [...byName].sort(([, a], [, b]) => b - a))
      cli.print(`  ${name.padEnd(18)} ${count.toLocaleString(cli.locale).padStart(14)}`);
  }
}

/** Says how rows in local times that a clock change repeats were taken. */
function printRepeated(cli: Cli, files: readonly string[], reader: ImportReader, zone: string): void {
  for (const [file, { from, to, first, second }] of reader.repeated()) {
    const params = { file: nameOf(files.slice(file, file + 1)), zone, from, to, first, second };
    const isOnePass = first === 0 || second === 0;
    cli.print(text(cli.locale, isOnePass ? 'cli.import.one_pass' : 'cli.import.repeated', params, { timeZone: 'UTC' }));
  }
}

async function printAnomalies(cli: Cli, client: ServerClient, { span }: ImportTotals, timeZone: string): Promise<void> {
  if (span === undefined) return;
  const range = `since=${new Date(span.first).toISOString()}&until=${new Date(span.last + 1).toISOString()}`;
  const found: AnomalyView[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: AnomalyPage = await client.get(
      `/anomalies?${range}&limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  cli.print(cli.say('import.anomalies', { n: found.length }));
  for (const anomaly of found.slice(0, MAX_SHOWN_ANOMALIES)) {
    const params = {
      at: anomaly.started_at,
      minutes: anomaly.duration_minutes,
      type: text(cli.locale, `anomaly.type.${anomaly.type}`),
      reason: anomaly.reason,
    };
    cli.print(`  ${text(cli.locale, 'cli.import.anomaly_line', params, { timeZone })}`);
  }
}
