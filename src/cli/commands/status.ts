import { resolve } from 'node:path';
import { isJudged, isWell, standingMark, readTraffic } from '@transaction-guardian/contracts/standing.ts';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Health, Stats, SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import { deliveryText, isDoubtful, markWithDoubt } from '@transaction-guardian/contracts/text/delivery-text.ts';
import { partText } from '@transaction-guardian/contracts/text/part-text.ts';
import { isGuardianError, messageOf } from '../../errors.ts';
import { readSupervisorNote } from '../../app/supervise/supervisor-note.ts';
import type { Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';

/** `guardian status`. */
export function registerStatus({ cli, add, run }: CommandRegistry): void {
  add('status', cli.say('status.about'), 'guardian status')
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (options: { url?: string; json?: boolean }) => {
        const client = createServerClient(cli, serverUrl(cli.cwd, cli.config(), options.url));
        try {
          const [health, stats, delivery] = await Promise.all([readHealth(client), readStats(client), readDelivery(client)]);
          if (typeof stats === 'string') {
            cli.print(options.json === true ? JSON.stringify({ health, stats: null, delivery }, null, 2) : partsTree(cli, health, stats));
            return 1;
          }
          cli.print(
            options.json === true ? JSON.stringify({ health, stats, delivery }, null, 2) : statusTree(cli, health, stats, delivery),
          );
          return isWell(health, stats) && !delivery.receivers.some(isDoubtful) ? 0 : 1;
        } catch (error) {
          if (!isGuardianError(error, 'CLI_SERVER_UNREACHABLE')) throw error;
          cli.note(messageOf(error));
          const note = readSupervisorNote(resolve(cli.cwd, cli.config().data_dir));
          if (options.url === undefined && note !== undefined) {
            cli.note(
              [cli.say('status.supervisor', { pid: String(note.pid) }), ...note.processes.map((one) => `  ${processText(cli, one)}`)].join(
                '\n',
              ),
            );
          }
          return 2;
        }
      }),
    );
}

/** `/health` answers 503 with the same body when something is down. */
async function readHealth(client: ReturnType<typeof createServerClient>): Promise<Health> {
  try {
    return await client.get<Health>('/health');
  } catch (error) {
    if (!isGuardianError(error, 'CLI_SERVER_REFUSED') || error.data['body'] === undefined) throw error;
    return error.data['body'] as Health;
  }
}

/** The figures; why there are none where the server is up and cannot say them, as while its database is away. */
async function readStats(client: ReturnType<typeof createServerClient>): Promise<Stats | string> {
  try {
    return await client.get<Stats>('/stats');
  } catch (error) {
    if (!isGuardianError(error, 'CLI_SERVER_REFUSED') || error.data['status'] !== 503) throw error;
    return (error.data['body'] as Partial<Problem> | undefined)?.detail ?? messageOf(error);
  }
}

/** What is proven of deliveries; of no receiver where the server does not say. */
async function readDelivery(client: ReturnType<typeof createServerClient>): Promise<Pick<Delivery, 'receivers'>> {
  try {
    return await client.get<Delivery>('/delivery');
  } catch (error) {
    if (!isGuardianError(error, 'CLI_SERVER_REFUSED')) throw error;
    return { receivers: [] };
  }
}

/** The state of each part, where the server has no figures. */
export function partsTree(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, health: Health, why: string): string {
  return treeOf('⚠️', [apiLine(cli, health), cli.say('status.no_figures', { why }), ...partLines(cli, health, {})]);
}

/** The state as the analyst reads it in the chat, one branch a line. */
export function statusTree(
  cli: Pick<Cli, 'say' | 'locale' | 'clock'>,
  health: Health,
  stats: Stats,
  { receivers }: Pick<Delivery, 'receivers'> = { receivers: [] },
): string {
  const number = (value: number, digits = 0): string =>
    value.toLocaleString(cli.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const { transactionsPerMinute: tpm, approvalRate: approval, until } = readTraffic(stats);
  const noData = cli.say('status.no_data');
  const staleOf = (value: number | null): string =>
    until === null ? '' : ` ${cli.say(value === null ? 'status.last' : 'status.until', { at: dateText(cli, stats, until) })}`;
  const unjudged = unjudgedText(cli, stats);
  const lines = [
    apiLine(cli, health),
    `${cli.say('status.tpm')}: ${(tpm === null ? noData : number(Math.round(tpm))) + staleOf(tpm)}`,
    `${cli.say('status.approval')}: ${(approval === null ? noData : `${number(approval, 1)}%`) + staleOf(approval)}`,
    `${cli.say('status.anomalies')}: ${number(stats.anomalies_last_hour)}${unjudged}`,
    `${cli.say('status.alerts')}: ${number(stats.active_alerts)}${stats.held_alerts > 0 ? ` ${cli.say('status.held', { n: stats.held_alerts })}` : ''}${unjudged}`,
    `${cli.say('status.stream')}: ${streamText(cli, stats)}`,
    `${cli.say('status.judged')}: ${judgedText(cli, stats)}`,
    `${cli.say('status.incident')}: ${incidentText(cli, stats)}${stats.open_incidents > 0 ? `, ${cli.say('status.incidents_open', { n: stats.open_incidents })}` : ''}`,
  ];
  const delivery = deliveryText(cli.locale, receivers);
  if (delivery !== null) lines.push(delivery);
  return treeOf(markWithDoubt(standingMark(health, stats), receivers), [...lines, ...partLines(cli, health, stats)]);
}

function treeOf(mark: string, lines: readonly string[]): string {
  const branches = lines.map((line, index) => `${index === lines.length - 1 ? '└──' : '├──'} ${line}`);
  return [`${mark} Transaction Guardian Status`, ...branches].join('\n');
}

const apiLine = (cli: Pick<Cli, 'say'>, { status, uptime }: Health): string =>
  cli.say('status.api', { health: cli.say(`status.health.${status}`), uptime });

/** Processes, and parts that are not well. */
function partLines(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, { processes, checks }: Health, zone: Pick<Stats, 'time_zone'>): string[] {
  const isListed = (name: string): boolean => processes?.some((one) => name === `process:${one.name}`) === true;
  const shown = Object.entries(checks).filter(([name, { status }]) => status !== 'ok' && !isListed(name));
  return [
    ...(processes === undefined ? [] : processLines(cli, processes)),
    ...shown.flatMap(([name, check]) => checkLines(cli, name, check, zone)),
  ];
}

/** `Processes: data, api, window 4, detect, alert`, and those that are not up or end too often. */
function processLines(cli: Pick<Cli, 'say'>, processes: readonly SupervisedProcess[]): string[] {
  const roles = [...Map.groupBy(processes, ({ role }) => role)];
  const summary = roles.map(([role, same]) => (role === 'window' ? `${role} ${same.length}` : role)).join(', ');
  const unwell = processes.filter(({ phase, failing }) => failing || phase !== 'running');
  return [`${cli.say('status.processes')}: ${summary}`, ...unwell.map((one) => processText(cli, one))];
}

function processText(cli: Pick<Cli, 'say'>, { name, phase, pid, failing, ends, last_end: end }: SupervisedProcess): string {
  if (failing) return `${name}: ${cli.say('status.process.failing', { n: ends, end: end ?? '' })}`;
  if (phase === 'running') return `${name}: ${cli.say('status.check.ok')} (pid ${pid})`;
  return `${name}: ${cli.say(`status.process.${phase}`, { end: end ?? '' })}`;
}

/** ` (nothing judged)`: none found is not none there. */
function unjudgedText(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, stats: Stats): string {
  if (isJudged(stats)) return '';
  const { judged_until: at } = stats;
  return ` ${at === null ? cli.say('status.unjudged') : cli.say('status.judged_until', { at: dateText(cli, stats, at) })}`;
}

/** A part that is not well; what happened to the data, one event a line. */
function checkLines(
  { locale, clock }: Pick<Cli, 'locale' | 'clock'>,
  name: string,
  check: Health['checks'][string],
  { time_zone: timeZone }: Pick<Stats, 'time_zone'>,
): string[] {
  const zone = timeZone === undefined ? {} : { timeZone };
  if (check.losses !== undefined) return check.losses.map((loss) => partText(locale, name, { ...check, losses: [loss] }, zone));
  return [partText(locale, name, check, { ...zone, nowMs: clock.now() })];
}

function dateText(cli: Pick<Cli, 'locale' | 'clock'>, stats: Pick<Stats, 'time_zone'>, iso: string): string {
  return localDate(cli, stats.time_zone ?? 'America/Sao_Paulo')(iso);
}

function streamText(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, stats: Stats): string {
  const words = {
    empty: 'status.stream.empty',
    live: 'status.stream.live',
    replay: 'status.stream.replay',
    stalled: 'status.stream.stalled',
  } as const;
  const name = cli.say(words[stats.stream]);
  const state =
    stats.stream === 'replay' && stats.stream_now !== null
      ? cli.say('status.stream.until', { name, at: dateText(cli, stats, stats.stream_now) })
      : name;
  const demo = stats.demo_speed === undefined ? [] : [cli.say('status.demo', { speed: stats.demo_speed })];
  const learning = stats.learning ? [cli.say('status.learning')] : [];
  return [state, ...demo, ...learning].join(', ');
}

function judgedText(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, stats: Stats): string {
  if (stats.judged === 'nothing') return cli.say('status.judged.nothing');
  if (stats.judged_until === null) return cli.say('status.judged.none_yet', { n: stats.minutes_behind });
  const words = { behind: 'status.judged.behind', catching_up: 'status.judged.catching_up', current: 'status.judged.current' } as const;
  return cli.say(words[stats.judged], { until: dateText(cli, stats, stats.judged_until), n: stats.minutes_behind });
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** "há 3 dias" by the wall clock; of a replay, whose time is not ours, the date. */
function incidentText(cli: Pick<Cli, 'say' | 'locale' | 'clock'>, stats: Stats): string {
  if (stats.last_incident_at === null) return cli.say('status.incident.never');
  if (stats.stream === 'replay') return dateText(cli, stats, stats.last_incident_at);
  const ago = Math.max(0, cli.clock.now() - Date.parse(stats.last_incident_at));
  const [unit, ms] = UNITS.find(([, size]) => ago >= size) ?? UNITS[2];
  return new Intl.RelativeTimeFormat(cli.locale).format(-Math.floor(ago / ms), unit);
}
