import type { OnCallChangeList, OnCallList, OnCallShiftList } from '@transaction-guardian/contracts/oncall.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

const DAY_MS = 86_400_000;

interface Where {
  readonly url?: string;
}

interface Override extends Where {
  readonly schedule: string;
  readonly person: string;
  readonly from: string;
  readonly until: string;
  readonly reason?: string;
}

interface Swap extends Where {
  readonly schedule: string;
  readonly at: string;
  readonly with: string;
  readonly reason?: string;
}

/** `guardian oncall now|shifts|override|swap|end`; asks the running server. */
export function registerOnCall(registry: CommandRegistry): void {
  const { cli, add, run } = registry;
  const parent = add('oncall', cli.say('oncall.about'), 'guardian oncall now');
  add('now', cli.say('oncall.now'), 'guardian oncall now', parent)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async ({ url, json }: Where & { json?: boolean }) => {
        const client = clientOf(cli, url);
        const list = await client.get<OnCallList>('/oncall');
        if (json === true) cli.print(JSON.stringify(list, null, 2));
        else for (const line of nowLines(cli, list, await zoneOfServer(client, cli.config()))) cli.print(line);
        return 0;
      }),
    );
  add('shifts <schedule>', cli.say('oncall.shifts'), 'guardian oncall shifts night --days 30', parent)
    .option('--days <n>', cli.say('opt.oncall_days'), '14')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (schedule: string, { url, days }: Where & { days: string }) => {
        const client = clientOf(cli, url);
        const from = cli.clock.now();
        const until = from + positiveNumber(cli, '--days', days) * DAY_MS;
        const query = new URLSearchParams({ schedule, from: new Date(from).toISOString(), until: new Date(until).toISOString() });
        const { items } = await client.get<OnCallShiftList>(`/oncall/shifts?${query.toString()}`);
        const clock = localDate(cli, await zoneOfServer(client, cli.config()));
        for (const { person, starts_at, ends_at } of items)
          cli.print(
            cli.say('oncall.shift', { from: clock(starts_at), until: clock(ends_at), who: person?.name ?? cli.say('oncall.nobody') }),
          );
        return 0;
      }),
    );
  registerChanges(registry, parent);
}

function registerChanges({ cli, add, run }: CommandRegistry, parent: ReturnType<CommandRegistry['add']>): void {
  const example = '--from 2026-12-24T18:00:00-03:00 --until 2026-12-26T08:00:00-03:00';
  add('override', cli.say('oncall.override'), `guardian oncall override --schedule night --person ana ${example}`, parent)
    .requiredOption('--schedule <name>', cli.say('opt.oncall_schedule'))
    .requiredOption('--person <id>', cli.say('opt.oncall_person'))
    .requiredOption('--from <time>', cli.say('opt.oncall_from'))
    .requiredOption('--until <time>', cli.say('opt.oncall_until'))
    .option('--reason <text>', cli.say('opt.oncall_reason'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(({ url, from, until, ...rest }: Override) => change(cli, url, '/oncall/overrides', { ...rest, starts_at: from, ends_at: until })),
    );
  add(
    'swap',
    cli.say('oncall.swap'),
    'guardian oncall swap --schedule night --at 2026-12-24T23:00:00-03:00 --with 2026-12-31T23:00:00-03:00',
    parent,
  )
    .requiredOption('--schedule <name>', cli.say('opt.oncall_schedule'))
    .requiredOption('--at <time>', cli.say('opt.oncall_at'))
    .requiredOption('--with <time>', cli.say('opt.oncall_with'))
    .option('--reason <text>', cli.say('opt.oncall_reason'))
    .option('--url <url>', cli.say('opt.url'))
    .action(run(({ url, ...body }: Swap) => change(cli, url, '/oncall/swaps', body)));
  add('end <id>', cli.say('oncall.end'), 'guardian oncall end oc_3f9c1a7e5b20', parent)
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: Where) => {
        await clientOf(cli, url).request(`/oncall/changes/${encodeURIComponent(id)}`, { method: 'DELETE' });
        cli.print(cli.say('oncall.ended', { id }));
        return 0;
      }),
    );
}

async function change(cli: Cli, url: string | undefined, path: string, body: object): Promise<number> {
  const client = clientOf(cli, url);
  const headers = { 'content-type': 'application/json' };
  const { items } = (await (
    await client.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json()) as OnCallChangeList;
  const clock = localDate(cli, await zoneOfServer(client, cli.config()));
  for (const { id, person, starts_at, ends_at } of items)
    cli.print(cli.say('oncall.changed', { id, who: person.name, from: clock(starts_at), until: clock(ends_at) }));
  return 0;
}

const clientOf = (cli: Cli, url: string | undefined): ServerClient => createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));

function nowLines(cli: Cli, { items }: OnCallList, timeZone: string): string[] {
  const clock = localDate(cli, timeZone);
  if (items.length === 0) return [cli.say('oncall.none')];
  return items.map(({ schedule, person, until, next }) => {
    const end = until === null ? '' : cli.say('oncall.until', { at: clock(until) });
    const then = next === null ? '' : cli.say('oncall.next', { who: next.person.name, at: clock(next.at) });
    return cli.say('oncall.line', { schedule, who: person?.name ?? cli.say('oncall.nobody'), until: end, next: then });
  });
}
