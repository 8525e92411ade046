import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSecret, prepareDataDir } from '../../app/data-dir.ts';
import { GuardianError } from '../../errors.ts';
import { createLinkSigner, type LinkSigner } from '../../http/auth.ts';
import type { Cli } from '../cli.ts';
import type { Registry } from '../program.ts';
import { DEMO_DIR, findServer, serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';

/** `guardian link`: signed with the secret of the data directory, so it works on the server's machine only. Refused when the
 *  server at `--url` has another secret, because such a link would open nothing. */
export function registerLink({ cli, add, run }: Registry): void {
  add('link', cli.say('link.about'), 'guardian link')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (options: { url?: string }) => {
        const config = cli.config();
        const client = createServerClient(cli, serverUrl(cli.cwd, config, options.url));
        await client.get('/health');
        const signer = await signerOf(cli, client, resolve(cli.cwd, config.data_dir));
        cli.print(`${client.url}/?token=${signer.mint()}`);
        return 0;
      }),
    );
}

/** What signs links for the server: the secret of the data directory or of the demonstration in it, whichever it takes. */
async function signerOf(cli: Cli, client: ServerClient, dir: string): Promise<LinkSigner> {
  const running = [dir, join(dir, DEMO_DIR)].flatMap((root) => findServer(root) ?? []);
  for (const root of new Set([...running.map((server) => server.data_dir), dir])) {
    if (!existsSync(join(root, 'secret'))) continue;
    const signer = createLinkSigner(await loadSecret(await prepareDataDir(root)), cli.clock);
    if (await opens(client, signer)) return signer;
  }
  throw new GuardianError('CLI_SERVER_REFUSED', cli.say('link.other_server', { url: client.url, dir }));
}

/** Tries a link of the signer, which uses that one up. */
async function opens(client: ServerClient, signer: LinkSigner): Promise<boolean> {
  try {
    await client.request('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: signer.mint() }),
    });
    return true;
  } catch (error) {
    if (error instanceof GuardianError && error.data['status'] === 401) return false;
    throw error;
  }
}
