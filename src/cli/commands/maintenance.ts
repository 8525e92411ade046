import type { Maintenance, MaintenanceList } from '@transaction-guardian/contracts/silence.ts';
import { GuardianError } from '../../errors.ts';
import type { Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface AddOptions {
  readonly name: string;
  readonly days?: string;
  readonly from: string;
  readonly to: string;
  readonly zone?: string;
  readonly until?: string;
  readonly maxSeverity?: string;
  readonly url?: string;
}

/** `guardian maintenance list|add|end`; asks the running server. */
export function registerMaintenance({ cli, add, run }: CommandRegistry): void {
  const parent = add('maintenance', cli.say('maintenance.about'), 'guardian maintenance list');
  add('list', cli.say('maintenance.list'), 'guardian maintenance list', parent)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async ({ url, json }: { url?: string; json?: true }) => {
        const client = clientOf(cli, url);
        const list = await client.get<MaintenanceList>('/maintenance');
        if (json === true) cli.print(JSON.stringify(list, null, 2));
        else if (list.items.length === 0) cli.print(cli.say('maintenance.none'));
        else await show(cli, client, list.items);
        return 0;
      }),
    );
  add(
    'add <matchers...>',
    cli.say('maintenance.add'),
    `guardian maintenance add 'acquirer="rede"' --name "acquirer window" --days sun --from 02:00 --to 04:00`,
    parent,
  )
    .requiredOption('--name <text>', cli.say('opt.maintenance_name'))
    .requiredOption('--from <time>', cli.say('opt.maintenance_from'))
    .requiredOption('--to <time>', cli.say('opt.maintenance_to'))
    .option('--days <days>', cli.say('opt.maintenance_days'))
    .option('--zone <zone>', cli.say('opt.maintenance_zone'))
    .option('--until <date>', cli.say('opt.maintenance_until'))
    .option('--max-severity <severity>', cli.say('opt.max_severity'))
    .option('--url <url>', cli.say('opt.url'))
    .action(run((matchers: string[], options: AddOptions) => addCommand(cli, matchers, options)));
  add('end <id>', cli.say('maintenance.end'), 'guardian maintenance end mw_3f9c1a7e5b20', parent)
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: { url?: string }) => {
        const client = clientOf(cli, url);
        await show(cli, client, [await client.send<Maintenance>('DELETE', `/maintenance/${encodeURIComponent(id)}`)]);
        return 0;
      }),
    );
}

async function addCommand(cli: Cli, matchers: readonly string[], options: AddOptions): Promise<number> {
  const { name, days, from, to, zone, until, maxSeverity, url } = options;
  if (days === undefined && (zone !== undefined || until !== undefined)) throw new GuardianError('USAGE', cli.say('maintenance.once'));
  const weekly = {
    ...{ days: days?.split(','), start: from, end: to },
    ...(zone === undefined ? {} : { time_zone: zone }),
    ...(until === undefined ? {} : { until }),
  };
  const client = clientOf(cli, url);
  const made = await client.send<Maintenance>('POST', '/maintenance', {
    ...{ name, matchers },
    ...(maxSeverity === undefined ? {} : { max_severity: maxSeverity }),
    ...(days === undefined ? { once: { starts_at: from, ends_at: to } } : { weekly }),
  });
  await show(cli, client, [made]);
  return 0;
}

async function show(cli: Cli, client: ServerClient, windows: readonly Maintenance[]): Promise<void> {
  const clock = localDate(cli, await zoneOfServer(client, cli.config()), 'day');
  for (const { id, status, name, matchers, next, weekly, created_by: owner } of windows) {
    cli.print(cli.say('maintenance.line', { id, status: cli.say(`maintenance.status.${status}`), name, owner: owner.name }));
    cli.print(`    ${matchers.join(', ')}`);
    if (weekly !== null) {
      const end = weekly.end > weekly.start ? weekly.end : cli.say('maintenance.next_day', { at: weekly.end });
      const days = weekly.days.map((day) => cli.say(`day.${day}`)).join(', ');
      cli.print(`    ${cli.say('maintenance.weekly', { days, start: weekly.start, end, zone: weekly.time_zone })}`);
    }
    if (next !== null) cli.print(`    ${cli.say('maintenance.next', { start: clock(next.starts_at), end: clock(next.ends_at) })}`);
  }
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}
