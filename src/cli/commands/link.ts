import { resolve } from 'node:path';
import type { NewAccessLink } from '@transaction-guardian/contracts/access.ts';
import { GuardianError, isGuardianError } from '../../errors.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';
import { findServerKey, linkSignerOf } from '../server-key.ts';

/** `guardian link`: signed with the secret of the data directory, so it works on the server's machine only. Refused when the
 *  server at `--url` has another secret, because such a link would open nothing. */
export function registerLink({ cli, add, run }: CommandRegistry): void {
  add('link', cli.say('link.about'), 'guardian link')
    .option('--person <id>', cli.say('opt.link_person'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (options: { url?: string; person?: string }) => {
        const config = cli.config();
        const { url, get, request } = createServerClient(cli, serverUrl(cli.cwd, config, options.url));
        if (options.person !== undefined) {
          const headers = { 'content-type': 'application/json' };
          const body = JSON.stringify({ person: options.person });
          const link = (await (await request('/access/links', { method: 'POST', headers, body })).json()) as NewAccessLink;
          cli.print(link.url);
          return 0;
        }
        // Whoever needs the console most needs it while the server is unhealthy.
        await get('/health').catch((error: unknown) => {
          if (!isGuardianError(error, 'CLI_SERVER_REFUSED')) throw error;
        });
        const key = await findServerKey(cli, url);
        const signer = key === null ? null : await linkSignerOf(cli, key);
        if (signer === null)
          throw new GuardianError('CLI_SERVER_REFUSED', cli.say('link.other_server', { url, dir: resolve(cli.cwd, config.data_dir) }));
        cli.print(`${url}/?token=${signer.mint()}`);
        return 0;
      }),
    );
}
