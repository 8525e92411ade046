import type { HeldForeignAlert, HeldForeignEnd, Silence, SilencePage } from '@transaction-guardian/contracts/silence.ts';
import { GuardianError } from '../../errors.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { durationMinutes } from '../duration.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface AddOptions {
  readonly alert?: string;
  readonly for: string;
  readonly reason: string;
  readonly maxSeverity?: string;
  readonly url?: string;
  readonly json?: true;
}

/** Every silence has an id that begins so; what holds an alert of other rules back is named by the fingerprint of the alert. */
const SILENCE_ID = 'si_';

/** `guardian silence list|add|end`; asks the running server. */
export function registerSilence({ cli, add, run }: CommandRegistry): void {
  const parent = add('silence', cli.say('silence.about'), 'guardian silence list');
  add('list', cli.say('silence.list'), 'guardian silence list --all', parent)
    .option('--all', cli.say('opt.silence_all'))
    .option('--limit <n>', cli.say('opt.limit'), '50')
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: { all?: true; limit: string; url?: string; json?: true }) => listCommand(cli, options)));
  add('add [matchers...]', cli.say('silence.add'), `guardian silence add 'merchant_id="m-1"' --for 2h --reason "acquirer switch"`, parent)
    .requiredOption('--for <duration>', cli.say('opt.for'))
    .requiredOption('--reason <text>', cli.say('opt.reason'))
    .option('--alert <alert>', cli.say('opt.silence_alert'))
    .option('--max-severity <severity>', cli.say('opt.max_severity'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((matchers: string[], options: AddOptions) => addCommand(cli, matchers, options)));
  add('end <id>', cli.say('silence.end'), 'guardian silence end si_3f9c1a7e5b20', parent)
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: { url?: string }) => {
        const client = clientOf(cli, url);
        if (id.startsWith(SILENCE_ID))
          await show(cli, client, [await client.send<Silence>('DELETE', `/silences/${encodeURIComponent(id)}`)]);
        else showEnd(cli, await client.send<HeldForeignEnd>('DELETE', `/silences/elsewhere/${encodeURIComponent(id)}`));
        return 0;
      }),
    );
}

async function listCommand(
  cli: Cli,
  { all, limit, url, json }: { readonly all?: true; readonly limit: string; readonly url?: string; readonly json?: true },
): Promise<number> {
  const client = clientOf(cli, url);
  const most = Math.min(1000, Math.ceil(positiveNumber(cli, '--limit', limit)));
  const page = await client.get<SilencePage>(`/silences?limit=${most}`);
  const items = page.items.filter(({ status }) => all === true || status !== 'expired');
  const { elsewhere } = page;
  if (json === true) cli.print(JSON.stringify({ items, elsewhere }, null, 2));
  else if (items.length + elsewhere.length === 0) cli.print(cli.say('silence.none'));
  else {
    await show(cli, client, items);
    await showElsewhere(cli, client, elsewhere);
  }
  return 0;
}

async function addCommand(cli: Cli, matchers: readonly string[], options: AddOptions): Promise<number> {
  if ((matchers.length === 0) === (options.alert === undefined)) throw new GuardianError('USAGE', cli.say('silence.scope'));
  const client = clientOf(cli, options.url);
  const silence = await client.send<Silence>('POST', '/silences', {
    ...(options.alert === undefined ? { matchers } : { alert_id: options.alert }),
    ...(options.maxSeverity === undefined ? {} : { max_severity: options.maxSeverity }),
    minutes: durationMinutes(cli, '--for', options.for),
    reason: options.reason,
  });
  if (options.json === true) cli.print(JSON.stringify(silence, null, 2));
  else await show(cli, client, [silence]);
  return 0;
}

async function show(cli: Cli, client: ServerClient, silences: readonly Silence[]): Promise<void> {
  const clock = localDate(cli, await zoneOfServer(client, cli.config()), 'day');
  for (const silence of silences) {
    const { id, status, starts_at: start, ends_at: end, created_by: owner, reason, hidden_count: n } = silence;
    const times = { start: clock(start), end: clock(end) };
    cli.print(cli.say('silence.line', { id, status: cli.say(`silence.status.${status}`), ...times, name: owner.name, reason }));
    cli.print(`    ${silence.matchers.join(', ')}`);
    if (silence.max_severity !== 'critical') cli.print(`    ${cli.say(`silence.limit.${silence.max_severity}`)}`);
    cli.print(`    ${cli.say('silence.hides', { n })}`);
    for (const { name, labels, is_firing: fires } of silence.hidden.slice(0, 10)) {
      const where = labels['merchant_id'] ?? labels['acquirer'] ?? labels['auth_code'] ?? '';
      cli.print(`      ${cli.say(fires ? 'silence.hidden_firing' : 'silence.hidden', { name, where })}`.trimEnd());
    }
  }
}

/** Alerts of other rules that somebody holds back, by the fingerprint that ends it. */
async function showElsewhere(cli: Cli, client: ServerClient, held: readonly HeldForeignAlert[]): Promise<void> {
  if (held.length === 0) return;
  const clock = localDate(cli, await zoneOfServer(client, cli.config()), 'day');
  cli.print(cli.say('silence.elsewhere'));
  for (const { fingerprint, name, labels, kind, by, at, until } of held) {
    const times = { start: clock(at), end: clock(until) };
    cli.print(
      cli.say('silence.elsewhere_line', { id: fingerprint, alert: name, what: cli.say(`silence.held.${kind}`), name: by, ...times }),
    );
    const others = Object.entries(labels).filter(([label]) => label !== 'alertname');
    if (others.length > 0) cli.print(`    ${others.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}`);
  }
}

function showEnd(cli: Cli, { name, not_in: absent }: HeldForeignEnd): void {
  cli.print(cli.say('silence.elsewhere_ended', { name }));
  if (absent.length > 0) cli.print(cli.say('silence.elsewhere_absent', { names: absent.join(', ') }));
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}
