import { createWriteStream, writeFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createCompany, type Company } from '../../simulate/company.ts';
import { CSV_COLUMNS, csvLine } from '../../simulate/csv.ts';
import {
  INCIDENT_TYPES,
  lackOf,
  planIncidents,
  SLICE_INCIDENT_TYPES,
  truthOf,
  type SimulatedIncident,
  type IncidentType,
} from '../../simulate/incidents.ts';
import { simulate, type SimulatedMinute } from '../../simulate/simulate.ts';
import { oneOf, positiveNumber, parseTime, usageError, type Cli } from '../cli.ts';
import { createPace } from '../pace.ts';
import type { CommandRegistry } from '../registry.ts';
import { createProgress } from '../progress.ts';
import { serverUrl } from '../running-server.ts';
import { createSender } from '../send-batch.ts';
import { createServerClient } from '../server-client.ts';
import { MINUTE_MS } from '../../clock.ts';
import { fileError } from '../file-problem.ts';

const ALL_TYPES = [...INCIDENT_TYPES, ...SLICE_INCIDENT_TYPES];

interface Options {
  readonly url?: string;
  readonly speed: string;
  readonly seed: string;
  readonly incidents: string;
  readonly every: string;
  readonly out?: string;
  readonly truth?: string;
  readonly from?: string;
  readonly minutes?: string;
  readonly merchants: string;
  readonly form: string;
}

const DAY_MINUTES = 1440;

/** `guardian simulate`: to a file, as fast as it goes; to a server, at the pace of the clock times `--speed`. */
export function registerSimulate({ cli, add, run }: CommandRegistry): void {
  add('simulate', cli.say('simulate.about'), 'guardian simulate --minutes 1440 --out day.csv --truth day.json')
    .option('--url <url>', cli.say('opt.url'))
    .option('--speed <n>', cli.say('opt.speed'), '1')
    .option('--seed <text>', cli.say('opt.seed'), '1')
    .option('--incidents <list>', cli.say('opt.incidents', { types: ALL_TYPES.join(', ') }), 'auto')
    .option('--every <n>', cli.say('opt.every'), '90')
    .option('--out <file>', cli.say('opt.out'))
    .option('--truth <file>', cli.say('opt.truth'))
    .option('--from <time>', cli.say('opt.from'))
    .option('--minutes <n>', cli.say('opt.minutes'))
    .option('--merchants <n>', cli.say('opt.merchants'), '40')
    .option('--form <form>', cli.say('opt.form'), 'records')
    .action(run((options: Options) => simulateCommand(cli, options)));
}

async function simulateCommand(cli: Cli, options: Options): Promise<number> {
  const config = cli.config();
  const company = createCompany({ seed: options.seed, merchants: Math.ceil(positiveNumber(cli, '--merchants', options.merchants)) });
  const toFile = options.out !== undefined;
  const minutes =
    options.minutes === undefined
      ? toFile
        ? DAY_MINUTES
        : Number.POSITIVE_INFINITY
      : Math.ceil(positiveNumber(cli, '--minutes', options.minutes));
  const fallback = toFile ? cli.clock.now() - minutes * MINUTE_MS : cli.clock.now();
  const begin = options.from === undefined ? fallback : parseTime(cli, '--from', options.from);
  const start = Math.floor(begin / MINUTE_MS) * MINUTE_MS;
  const incidents = chosenIncidents(cli, company, options, start, Math.min(minutes, 30 * DAY_MINUTES));
  const traffic = simulate({
    seed: options.seed,
    start,
    minutes,
    timeZone: config.time_zone,
    company,
    incidents,
    form: oneOf(cli, '--form', ['records', 'minutes'], options.form),
  });
  if (options.truth !== undefined) writeTruth(cli, options.truth, incidents);
  const rows = toFile
    ? await writeCsv(cli, options.out ?? '', traffic, minutes)
    : await sendTraffic(cli, serverUrl(cli.cwd, config, options.url), traffic, {
        begin,
        speed: positiveNumber(cli, '--speed', options.speed),
        minutes,
      });
  cli.print(cli.say('simulate.done', { rows, incidents: incidents.length }));
  return 0;
}

function chosenIncidents(cli: Cli, company: Company, options: Options, start: number, minutes: number): readonly SimulatedIncident[] {
  if (options.incidents === 'none') return [];
  const names = options.incidents === 'auto' ? INCIDENT_TYPES : options.incidents.split(',').map((name) => name.trim());
  const everyMinutes = positiveNumber(cli, '--every', options.every);
  const types = names.map((name): IncidentType => oneOf(cli, '--incidents', ALL_TYPES, name));
  const plan = { seed: options.seed, start, end: start + minutes * MINUTE_MS, types, everyMinutes };
  const incidents = planIncidents(company, plan);
  reportLack(cli, incidents, lackOf(company, plan), options);
  return incidents;
}

/** Nothing that was chosen is left out in silence; of `auto` only that nothing happens at all is reported. */
function reportLack(
  cli: Cli,
  incidents: readonly SimulatedIncident[],
  lack: ReturnType<typeof lackOf>,
  { incidents: chosen, minutes, every }: Pick<Options, 'incidents' | 'minutes' | 'every'>,
): void {
  const isAuto = chosen === 'auto';
  if (lack === null || (isAuto && incidents.length > 0)) return;
  const params = { types: lack.types.join(', '), minutes: minutes ?? String(DAY_MINUTES), needed: lack.minutes, every };
  if (incidents.length === 0 && !isAuto) throw usageError(cli.say('simulate.none_fit', params));
  cli.note(cli.say(isAuto ? 'simulate.no_incident' : 'simulate.some_fit', params));
}

function writeTruth(cli: Cli, file: string, incidents: readonly SimulatedIncident[]): void {
  try {
    writeFileSync(resolve(cli.cwd, file), `${JSON.stringify(truthOf(incidents), null, 2)}\n`);
  } catch (error) {
    throw fileError(cli, 'error.file_write', file, error);
  }
}

async function writeCsv(cli: Cli, file: string, traffic: Iterable<SimulatedMinute>, minutes: number): Promise<number> {
  const stream = createWriteStream(resolve(cli.cwd, file));
  const progress = createProgress(cli, cli.say('simulate.progress'), minutes);
  let rows = 0;
  let done = 0;
  try {
    const closed = finished(stream);
    // A failure is thrown by the await below; until then it must not count as unhandled.
    closed.catch(() => undefined);
    stream.write(`${CSV_COLUMNS.join(',')}\n`);
    for (const { transactions } of traffic) {
      if (cli.signal.aborted) throw usageError(cli.say('interrupted'));
      rows += transactions.length;
      if (!stream.write(transactions.map((row) => `${csvLine(row)}\n`).join(''))) await Promise.race([once(stream, 'drain'), closed]);
      progress.update(++done);
    }
    stream.end();
    await closed;
    return rows;
  } catch (error) {
    if (cli.signal.aborted) throw error;
    throw fileError(cli, 'error.file_write', file, error);
  } finally {
    stream.destroy();
    progress.stop();
  }
}

interface Schedule {
  /** Event time that has come now: a minute is sent when it is over. */
  readonly begin: number;
  readonly speed: number;
  readonly minutes: number;
}

async function sendTraffic(
  cli: Cli,
  url: string,
  traffic: Iterable<SimulatedMinute>,
  { begin, speed, minutes }: Schedule,
): Promise<number> {
  const sender = createSender(cli, createServerClient(cli, url), { source: 'simulator' });
  const progress = createProgress(cli, cli.say('simulate.progress'), Number.isFinite(minutes) ? minutes : 0);
  const pace = createPace(cli, begin, speed);
  let done = 0;
  try {
    for (const { minute, transactions } of traffic) {
      await pace.until(minute + MINUTE_MS);
      if (cli.signal.aborted) break;
      await sender.send(transactions);
      progress.update(++done);
    }
  } finally {
    progress.stop();
  }
  const { accepted, duplicate, refused } = sender.counts;
  cli.note(cli.say('accepted_line', { accepted, duplicate, refused }));
  return accepted + duplicate + refused;
}
