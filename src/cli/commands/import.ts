import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { AnomalyPage, AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import { GuardianError, messageOf } from '../../errors.ts';
import { CSV_LAYOUTS } from '../../ingest/csv/csv-layout.ts';
import { oneOf, type Cli } from '../cli.ts';
import { createImportTotals, type ImportTotals } from '../import-totals.ts';
import { withServer } from '../local-app.ts';
import { tellEndOfFile } from '../end-of-file.ts';
import { readMapping } from '../mapping.ts';
import type { Registry } from '../program.ts';
import { createProgress } from '../progress.ts';
import { createRejectsFile, type RejectsFile } from '../rejects-file.ts';
import { openFile } from '../replay-rows.ts';
import type { ServerClient } from '../server-client.ts';
import { uploadCsv } from '../upload.ts';

interface Options {
  readonly url?: string;
  readonly layout: string;
  readonly date?: string;
  readonly mapping: Readonly<Record<string, string>>;
  readonly rejects?: string;
}

const MAX_SHOWN_ANOMALIES = 20;

/** `guardian import`: history; it is counted and scored, and nobody is paged. */
export function registerImport({ cli, add, run }: Registry): void {
  add('import', cli.say('import.about'), 'guardian import transactions.csv')
    .argument('<csv>', cli.say('arg.csv'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--layout <name>', cli.say('opt.layout'), 'auto')
    .option('--date <day>', cli.say('opt.date'))
    .option('--mapping <field=column>', cli.say('opt.mapping'), readMapping(cli), {})
    .option('--rejects <file>', cli.say('opt.rejects'))
    .action(run((csv: string, options: Options) => importCommand(cli, csv, options)));
}

async function importCommand(cli: Cli, csv: string, options: Options): Promise<number> {
  const config = cli.config();
  const layout = oneOf(cli, '--layout', CSV_LAYOUTS, options.layout);
  const size = await sizeOf(cli, csv);
  const mapping = Object.keys(options.mapping).length === 0 ? {} : { mapping: options.mapping };
  const date = options.date === undefined ? {} : { date: options.date };
  const totals = createImportTotals(
    { source: 'csv', maxLineBytes: config.http.max_line_bytes, layout, ...date, ...mapping },
    config.time_zone,
  );
  const rejectsPath = resolve(cli.cwd, options.rejects ?? `${csv === '-' ? 'stdin' : basename(csv)}.rejects.csv`);
  const rejects = createRejectsFile(cli, rejectsPath);
  return withServer(cli, config, options.url, async (server) => {
    const url = new URL(`${server.client.url}/transactions/batch`);
    url.searchParams.set('layout', layout);
    if (options.date !== undefined) url.searchParams.set('date', options.date);
    if ('mapping' in mapping) url.searchParams.set('mapping', JSON.stringify(options.mapping));
    const counts = await upload(cli, url, { csv, size, totals, rejects });
    cli.note(cli.say('import.waiting'));
    if (totals.span !== undefined) await tellEndOfFile(cli, server.client, { lastMs: totals.span.last, lateS: config.window.late_s });
    await server.drained();
    cli.print(cli.say('accepted_line', counts));
    if (rejects.count > 0) cli.print(cli.say('import.rejects', { n: rejects.count, file: rejectsPath }));
    printTotals(cli, totals);
    await printAnomalies(cli, server.client, totals, config.time_zone);
    return 0;
  });
}

async function sizeOf(cli: Cli, csv: string): Promise<number> {
  if (csv === '-') return 0;
  try {
    return (await stat(resolve(cli.cwd, csv))).size;
  } catch (error) {
    throw new GuardianError('CLI_FILE', cli.say('error.file', { file: csv, message: messageOf(error) }), { cause: error });
  }
}

interface UploadPlan {
  readonly csv: string;
  readonly size: number;
  readonly totals: ImportTotals;
  readonly rejects: RejectsFile;
}
type Counts = Record<'accepted' | 'duplicate' | 'refused' | 'failed', number>;

async function upload(cli: Cli, url: URL, { csv, size, totals, rejects }: UploadPlan): Promise<Counts> {
  const counts: Counts = { accepted: 0, duplicate: 0, refused: 0, failed: 0 };
  const progress = createProgress(cli, cli.say('import.progress'), size);
  let sent = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of openFile(cli, csv)) {
      yield chunk;
      progress.update((sent += chunk.length));
    }
  };
  try {
    for await (const answers of uploadCsv(cli, url, totals.watch(counted()))) {
      for (const { status } of answers) counts[status]++;
      totals.settle(answers);
      await rejects.add(answers);
    }
    return counts;
  } finally {
    progress.stop();
    await rejects.close();
  }
}

function printTotals(cli: Cli, totals: ImportTotals): void {
  if (totals.byName.size === 0) return;
  cli.print(cli.say('import.totals', { dimension: totals.dimension }));
  for (const [name, count] of [...totals.byName].sort(([, a], [, b]) => b - a))
    cli.print(`  ${name.padEnd(18)} ${count.toLocaleString(cli.locale).padStart(14)}`);
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
