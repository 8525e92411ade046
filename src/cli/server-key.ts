import { isIP } from 'node:net';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSecret, prepareDataDir } from '../app/data-dir.ts';
import { findServiceToken } from '../app/service-token-file.ts';
import { API_BASE } from '../http/api-paths.ts';
import { createLinkSigner, type LinkSigner } from '../http/auth.ts';
import type { Cli } from './cli.ts';
import { DEMO_DIR, findServer } from './running-server.ts';

/** What a data directory opens at its server. */
export interface ServerKey {
  /** The data directory, absolute. */
  readonly root: string;
  /** Service token. */
  readonly token: string;
}

/** The key of the server at `url`: the service token of the configured data directory or of the demonstration in it, whichever
 *  the server takes. Null when it takes neither, and for a server elsewhere, which is shown no token. Throws APP_DATA_DIR, and
 *  what `fetch` throws. */
export async function findServerKey(cli: Cli, url: string): Promise<ServerKey | null> {
  const config = cli.config();
  const dir = resolve(cli.cwd, config.data_dir);
  const running = [dir, join(dir, DEMO_DIR)].flatMap((root) => findServer(root) ?? []);
  if (!isHere(url, config.http.host) && !running.some((server) => server.url === url)) return null;
  for (const root of new Set([...running.map((server) => server.data_dir), dir])) {
    const token = config.access.service_token ?? findServiceToken(root);
    if (token !== null && (await takes(cli, url, token))) return { root, token };
  }
  return null;
}

/** Signs links of the server of a data directory. Throws APP_DATA_DIR. */
export async function linkSignerOf(cli: Cli, { root }: ServerKey): Promise<LinkSigner | null> {
  const configured = cli.config().access.signing_secret;
  if (configured === undefined && !existsSync(join(root, 'secret'))) return null;
  return createLinkSigner(await loadSecret(await prepareDataDir(root), configured), cli.clock);
}

async function takes(cli: Cli, url: string, token: string): Promise<boolean> {
  const response = await fetch(`${url}${API_BASE}/progress`, { headers: { authorization: `Bearer ${token}` }, signal: cli.signal });
  await response.body?.cancel();
  return response.status !== 401 && response.status !== 403;
}

/** Whether an address is of this machine. */
function isHere(url: string, host: string): boolean {
  const name = new URL(url).hostname.replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || name === host || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
