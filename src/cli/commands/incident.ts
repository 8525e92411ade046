import type {
  Incident,
  IncidentDetail,
  IncidentFigures,
  IncidentFiguresPage,
  IncidentPage,
} from '@transaction-guardian/contracts/incident.ts';
import { isTextKey, text } from '@transaction-guardian/contracts/text/text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

const DEFAULT_LIMIT = '20';

interface Common {
  readonly url?: string;
  readonly json?: boolean;
}

/** `guardian incident list|show|open|change|note|figures|export`; asks the running server. */
export function registerIncident(registry: CommandRegistry): void {
  const { cli, add } = registry;
  const parent = add('incident', cli.say('incident.about'), 'guardian incident open "API lenta"');
  registerReads(registry, parent);
  registerWrites(registry, parent);
}

type Parent = ReturnType<CommandRegistry['add']>;

function registerReads({ cli, add, run }: CommandRegistry, parent: Parent): void {
  add('list', cli.say('incident.list'), 'guardian incident list --limit 5', parent)
    .option('--limit <n>', cli.say('opt.limit'), DEFAULT_LIMIT)
    .option('--state <state>', cli.say('opt.incident_state'))
    .option('--priority <priority>', cli.say('opt.incident_priority'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async ({ url, json, limit, ...wanted }: Common & { limit: string; state?: string; priority?: string }) => {
        const most = Math.min(200, Math.ceil(positiveNumber(cli, '--limit', limit)));
        const client = clientOf(cli, url);
        const page = await client.get<IncidentPage>(`/incidents?${new URLSearchParams({ limit: String(most), ...wanted }).toString()}`);
        if (json === true) cli.print(JSON.stringify(page, null, 2));
        else if (page.items.length === 0) cli.print(cli.say('incident.none'));
        else for (const item of page.items) cli.print(line(cli, item, await zoneOfServer(client, cli.config())));
        return 0;
      }),
    );
  add('show', cli.say('incident.show'), 'guardian incident show inc-1', parent)
    .argument('<id>', cli.say('arg.incident'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (id: string, { url, json }: Common) => {
        const client = clientOf(cli, url);
        const detail = await client.get<IncidentDetail>(`/incidents/${encodeURIComponent(id)}`);
        if (json === true) cli.print(JSON.stringify(detail, null, 2));
        else for (const one of detailLines(cli, detail, await zoneOfServer(client, cli.config()))) cli.print(one);
        return 0;
      }),
    );
  add('export', cli.say('incident.export'), 'guardian incident export inc-1 > post-mortem.md', parent)
    .argument('<id>', cli.say('arg.incident'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: Common) => {
        const answer = await clientOf(cli, url).request(`/incidents/${encodeURIComponent(id)}/postmortem`, {
          headers: { accept: 'text/markdown' },
        });
        cli.print((await answer.text()).trimEnd());
        return 0;
      }),
    );
  add('figures', cli.say('incident.figures'), 'guardian incident figures', parent)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async ({ url, json }: Common) => {
        const page = await clientOf(cli, url).get<IncidentFiguresPage>('/incidents/figures');
        if (json === true) cli.print(JSON.stringify(page, null, 2));
        else for (const item of page.items) cli.print(figuresLine(cli, item));
        return 0;
      }),
    );
}

function registerWrites({ cli, add, run }: CommandRegistry, parent: Parent): void {
  const send = async (path: string, method: 'POST' | 'PATCH', body: object, { url, json }: Common): Promise<number> => {
    const client = clientOf(cli, url);
    const answer = await client.request(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const incident = (await answer.json()) as Incident;
    cli.print(json === true ? JSON.stringify(incident, null, 2) : line(cli, incident, await zoneOfServer(client, cli.config())));
    return 0;
  };
  const more = (value: string, before: readonly string[]): string[] => [...before, value];
  add('open', cli.say('incident.open'), 'guardian incident open "API lenta" --priority P2', parent)
    .argument('<title>', cli.say('arg.incident_title'))
    .option('--priority <priority>', cli.say('opt.incident_priority'))
    .option('--alert <fingerprint>', cli.say('opt.incident_alert'), more, [])
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run((title: string, { alert, priority, ...common }: Common & { alert: string[]; priority?: string }) =>
        send(
          '/incidents',
          'POST',
          { title, ...(priority === undefined ? {} : { priority }), ...(alert.length === 0 ? {} : { alerts: alert }) },
          common,
        ),
      ),
    );
  add('change', cli.say('incident.change'), 'guardian incident change inc-1 --state resolved', parent)
    .argument('<id>', cli.say('arg.incident'))
    .option('--title <title>', cli.say('opt.incident_title'))
    .option('--priority <priority>', cli.say('opt.incident_priority'))
    .option('--state <state>', cli.say('opt.incident_state'))
    .option('--owner <owner>', cli.say('opt.incident_owner'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run((id: string, { url, json, ...change }: Common & Record<string, unknown>) =>
        send(`/incidents/${encodeURIComponent(id)}`, 'PATCH', change, {
          ...(url === undefined ? {} : { url }),
          ...(json === undefined ? {} : { json }),
        }),
      ),
    );
  add('note', cli.say('incident.note'), 'guardian incident note inc-1 "acquirer called"', parent)
    .argument('<id>', cli.say('arg.incident'))
    .argument('<text>', cli.say('arg.incident_text'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run((id: string, note: string, common: Common) => send(`/incidents/${encodeURIComponent(id)}/notes`, 'POST', { text: note }, common)),
    );
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}

function line(cli: Cli, { id, priority, state, opened_at, owner, title }: Incident, timeZone: string): string {
  const key = `incident.state.${state}`;
  return cli.say('incident.line', {
    id,
    priority,
    state: isTextKey(key) ? text(cli.locale, key) : state,
    at: localDate(cli, timeZone)(opened_at),
    owner: owner === null ? '-' : shownName(owner),
    title,
  });
}

function detailLines(cli: Cli, { incident, timeline }: IncidentDetail, timeZone: string): string[] {
  const clock = localDate(cli, timeZone);
  return [line(cli, incident, timeZone), ...timeline.map(({ at, text: told }) => `  ${clock(at)}  ${told.replaceAll('\n', ' · ')}`)];
}

function figuresLine(cli: Cli, figures: IncidentFigures): string {
  const duration = (seconds: number | null): string =>
    seconds === null ? '-' : seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return cli.say('incident.figures_line', {
    priority: figures.priority ?? cli.say('incident.figures_all'),
    count: figures.count,
    open: figures.open,
    mttd: duration(figures.mean_to_detect_s),
    delivered: duration(figures.mean_to_deliver_s),
    mtta: duration(figures.mean_to_acknowledge_s),
    mttr: duration(figures.mean_to_resolve_s),
    mtbf: duration(figures.mean_between_s),
  });
}
