import { resolve } from 'node:path';
import type { AccessList, NewAccessCode } from '@transaction-guardian/contracts/access.ts';
import { findServiceToken, refuseConfiguredToken, writeServiceToken } from '../../app/service-token-file.ts';
import type { Cli } from '../cli.ts';
import { notedWork } from '../local-actor.ts';
import { settledConfig } from '../local-app.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { configuredServer, serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface Where {
  readonly url?: string;
}

/** `guardian access list|code|revoke|end|rotate`: personal links, codes, sessions of the console and the service token. */
export function registerAccess({ cli, add, run }: CommandRegistry): void {
  const parent = add('access', cli.say('access.about'), 'guardian access list');
  add('list', cli.say('access.list'), 'guardian access list', parent)
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async ({ url, json }: Where & { json?: boolean }) => {
        const client = clientOf(cli, url);
        const list = await client.get<AccessList>('/access');
        if (json === true) cli.print(JSON.stringify(list, null, 2));
        else for (const line of linesOf(cli, list, await zoneOfServer(client, cli.config()))) cli.print(line);
        return 0;
      }),
    );
  add('code', cli.say('access.code_about'), 'guardian access code', parent)
    .option('--person <id>', cli.say('opt.link_person'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async ({ url, person }: Where & { person?: string }) => {
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify(person === undefined ? {} : { person });
        const client = clientOf(cli, url);
        const clock = localDate(cli, await zoneOfServer(client, cli.config()));
        const answer = await client.request('/access/codes', { method: 'POST', headers, body });
        const made = (await answer.json()) as NewAccessCode;
        cli.print(cli.say('access.code_made', { code: made.code, at: clock(made.expires_at) }));
        return 0;
      }),
    );
  for (const [name, path] of [
    ['revoke', 'links'],
    ['end', 'sessions'],
  ] as const) {
    add(`${name} <id>`, cli.say(`access.${name}`), `guardian access ${name} 0f1e2d3c4b5a`, parent)
      .option('--url <url>', cli.say('opt.url'))
      .action(
        run(async (id: string, { url }: Where) => {
          await clientOf(cli, url).request(`/access/${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
          cli.print(cli.say(`access.${name}_done`, { id }));
          return 0;
        }),
      );
  }
  add('rotate', cli.say('access.rotate'), 'guardian access rotate', parent).action(run(() => rotate(cli)));
}

/** A running server takes the new token at once; without one the next start finds it. */
async function rotate(cli: Cli): Promise<number> {
  const config = settledConfig(cli, cli.config());
  refuseConfiguredToken(config);
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) await createServerClient(cli, running.url).request('/access/token/rotate', { method: 'POST' });
  else if (findServiceToken(config.data_dir) !== null)
    await notedWork(cli, config, {
      verb: 'service_token.rotate',
      root: config.data_dir,
      work: async () => writeServiceToken(config.data_dir),
      arguments: () => ({}),
    });
  const path = resolve(running?.data_dir ?? config.data_dir, 'service-token');
  cli.print(cli.say('access.rotated', { path }));
  return 0;
}

const clientOf = (cli: Cli, url: string | undefined): ServerClient => createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));

function linesOf(cli: Cli, { links, sessions }: AccessList, timeZone: string): string[] {
  const clock = localDate(cli, timeZone);
  const lines = [
    ...sessions.map(({ id, actor_name: actor, opened_at, expires_at, ended_at, address }) => {
      const state =
        ended_at === null ? cli.say('access.until', { at: clock(expires_at) }) : cli.say('access.ended', { at: clock(ended_at) });
      return cli.say('access.session', { id, actor, at: clock(opened_at), address: address ?? '-', state });
    }),
    ...links.map(({ kind, id, person_name: person, made_by_name: by, made_at, ...link }) =>
      cli.say(`access.${kind}`, { id, person, by, at: clock(made_at), state: linkState(cli, clock, link) }),
    ),
  ];
  return lines.length === 0 ? [cli.say('access.none')] : lines;
}

function linkState(
  cli: Cli,
  clock: (iso: string) => string,
  { used_at, revoked_at, expires_at }: Pick<AccessList['links'][number], 'used_at' | 'revoked_at' | 'expires_at'>,
): string {
  if (revoked_at !== null) return cli.say('access.revoked', { at: clock(revoked_at) });
  return used_at === null ? cli.say('access.until', { at: clock(expires_at) }) : cli.say('access.used', { at: clock(used_at) });
}
