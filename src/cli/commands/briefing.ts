import type { Briefing, BriefingPage } from '@transaction-guardian/contracts/briefing.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

/** `guardian briefing show|list|accept`; asks the running server. */
export function registerBriefing({ cli, add, run }: CommandRegistry): void {
  const parent = add('briefing', cli.say('briefing.about'), 'guardian briefing show');
  add('show', cli.say('briefing.show'), 'guardian briefing show latest --format markdown', parent)
    .argument('[id]', cli.say('arg.briefing'), 'now')
    .option('--format <format>', cli.say('opt.briefing_format'), 'text')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { format, url }: { format: string; url?: string }) => {
        const query = new URLSearchParams({ format }).toString();
        const answer = await clientOf(cli, url).request(`/briefings/${encodeURIComponent(id)}?${query}`, { headers: { accept: '*/*' } });
        cli.print((await answer.text()).trimEnd());
        return 0;
      }),
    );
  add('list', cli.say('briefing.list'), 'guardian briefing list --limit 5', parent)
    .option('--limit <n>', cli.say('opt.limit'), '20')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async ({ limit, url }: { limit: string; url?: string }) => {
        const most = Math.min(200, Math.ceil(positiveNumber(cli, '--limit', limit)));
        const client = clientOf(cli, url);
        const { items } = await client.get<BriefingPage>(`/briefings?limit=${most}`);
        if (items.length === 0) cli.print(cli.say('briefing.none'));
        const clock = localDate(cli, await zoneOfServer(client, cli.config()));
        for (const item of items) cli.print(line(cli, item, clock));
        return 0;
      }),
    );
  add('accept', cli.say('briefing.accept'), 'guardian briefing accept latest', parent)
    .argument('[id]', cli.say('arg.briefing'), 'latest')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (id: string, { url }: { url?: string }) => {
        const client = clientOf(cli, url);
        const answer = await client.request(`/briefings/${encodeURIComponent(id)}/accept`, { method: 'POST' });
        cli.print(line(cli, (await answer.json()) as Briefing, localDate(cli, await zoneOfServer(client, cli.config()))));
        return 0;
      }),
    );
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}

function line(cli: Cli, { id, due_at, facts, accepted_by }: Briefing, clock: (iso: string) => string): string {
  return cli.say('briefing.line', {
    id,
    at: clock(due_at),
    pending: facts.pendencies.length,
    by: accepted_by === null ? '-' : shownName(accepted_by),
  });
}
