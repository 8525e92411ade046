import { resolve } from 'node:path';
import { loadSecret, prepareDataDir } from '../../app/data-dir.ts';
import { createLinkSigner } from '../../http/auth.ts';
import type { Registry } from '../program.ts';
import { configuredServer, serverUrl } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';

/** `guardian link`: signed with the secret of the data directory, so it works on the server's machine only. */
export function registerLink({ cli, add, run }: Registry): void {
  add('link', cli.say('link.about'), 'guardian link')
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async (options: { url?: string }) => {
        const config = cli.config();
        const client = createServerClient(cli, serverUrl(cli.cwd, config, options.url));
        await client.get('/health');
        const dataDir = configuredServer(cli.cwd, config)?.data_dir ?? resolve(cli.cwd, config.data_dir);
        const secret = await loadSecret(await prepareDataDir(dataDir));
        cli.print(`${client.url}/?token=${createLinkSigner(secret, cli.clock).mint()}`);
        return 0;
      }),
    );
}
