import type { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import { detectorFactory } from '../../app/detector-factory.ts';
import type { Config } from '../../config/config-schema.ts';
import { eventTimes } from '../../app/event-times.ts';
import { minuteOf } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import { createAnalyzer } from '../../analyze/analyzer.ts';
import { createValidator, type ValidContent } from '../../ingest/validate.ts';
import type { Database } from '../../store/database.ts';
import type { Cli } from '../cli.ts';
import type { CommandRegistry } from '../registry.ts';
import { analyzeSeries, seriesText } from '../analyze-series.ts';
import { EXIT } from '../exit-codes.ts';
import { columnsRead } from '../layout-text.ts';
import { readMapping } from '../mapping.ts';
import { readReplayRows, type ReplayFile } from '../replay-rows.ts';
import { configuredServer } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';
import { inZoneOfServer } from '../server-zone.ts';

interface Options {
  readonly url?: string;
  readonly json?: boolean;
  readonly date?: string;
  readonly mapping?: Readonly<Record<string, string>>;
}

/** `guardian analyze`: against the history of a server, or, without one, against the earlier minutes of the file. */
export function registerAnalyze({ cli, add, run }: CommandRegistry): void {
  add('analyze', cli.say('analyze.about'), 'guardian analyze last-hour.csv')
    .argument('<csv>', cli.say('arg.analyze'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--date <day>', cli.say('opt.date'))
    .option('--mapping <field=column>', cli.say('opt.mapping'), readMapping(cli))
    .option('--json', cli.say('opt.json'))
    .addHelpText('after', `\n${cli.say('file.exit')}`)
    .action(
      run(async (csv: string, options: Options) => {
        const config = await inZoneOfServer(cli, cli.config(), options.url);
        const { date, mapping } = options;
        const file = await readReplayRows(cli, config, csv, { date, mapping, values: true });
        const { refused, incomplete } = file;
        if (refused.count > 0) cli.note(cli.say('analyze.refused', { n: refused.count }));
        if (incomplete.length > 0) cli.note(cli.say('file.incomplete', { n: incomplete.length }));
        const answer =
          file.layout.kind === 'value' ? analyzeSeries(cli, csv, file) : await analyzeCounts(cli, config, { csv, file, options });
        if (options.json === true) cli.print(JSON.stringify({ ...answer, ...fileNotes(file) }, null, 2));
        else cli.print('series' in answer ? seriesText(cli, answer) : answerText(cli, answer));
        return refused.count > 0 ? EXIT.partial : EXIT.ok;
      }),
    );
}

/** What the answer is based on: columns, refused lines (the first ones), minutes that are not judged. */
function fileNotes({ layout, refused, incomplete }: ReplayFile) {
  return {
    ...columnsRead(layout),
    refused: refused.count,
    refused_lines: refused.first,
    incomplete_minutes: incomplete.map((minute) => new Date(minute).toISOString()),
  };
}

interface CountFile {
  readonly csv: string;
  readonly file: ReplayFile;
  readonly options: Options;
}

async function analyzeCounts(cli: Cli, config: Config, { csv, file, options }: CountFile): Promise<Recommendation> {
  const left = new Set(file.incomplete);
  const whole = file.rows.filter(({ at }) => !left.has(minuteOf(at)));
  const records: object[] = whole.map(({ value: { id: _id, ...record } }) => record);
  if (records.length === 0) throw new GuardianError('CLI_FILE', cli.say('analyze.nothing', { file: csv }));
  const body = JSON.stringify({ records });
  const url = options.url ?? configuredServer(cli.cwd, config)?.url;
  if (url === undefined || body.length > config.http.max_body_bytes) return analyzeHere(cli, config, records);
  const client = createServerClient(cli, url.replace(/\/+$/, ''));
  const response = await client.request('/analyze', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: cli.signal,
  });
  return (await response.json()) as Recommendation;
}

/** A store without history. */
const EMPTY: Database = {
  query: async () => [],
  exec: async () => undefined,
  copy: async () => undefined,
  transaction: async (work) => work(EMPTY),
  close: async () => undefined,
};

async function analyzeHere(cli: Cli, config: Config, records: readonly object[]): Promise<Recommendation> {
  const timeZone = config.time_zone;
  const validator = createValidator(eventTimes(config));
  const contents: ValidContent[] = [];
  for (const record of records) {
    const checked = validator.validate(record, cli.clock.now(), { breakdown: true });
    if (checked.kind === 'valid') contents.push(checked.content);
  }
  const factory = detectorFactory(config);
  const analyze = createAnalyzer({ database: EMPTY, clock: cli.clock, createDetector: factory.create }, { timeZone, ...factory });
  return analyze(contents, cli.locale);
}

function answerText(cli: Cli, answer: Recommendation): string {
  const { ml_score: ml, z_score: z, observed, expected, expected_low: low, expected_high: high } = answer;
  const lines = [answer.alert ? cli.say('analyze.alert', { level: answer.level }) : cli.say('analyze.none')];
  lines.push(cli.say('analyze.line', { ml, z, observed, expected, low, high }), ...answer.text);
  if (answer.learning) lines.push(cli.say('analyze.learning'));
  return lines.join('\n');
}
