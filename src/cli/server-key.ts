import { API_BASE } from '../http/api-paths.ts';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSecret, prepareDataDir } from '../app/data-dir.ts';
import { createLinkSigner, type LinkSigner } from '../http/auth.ts';
import type { Cli } from './cli.ts';
import { DEMO_DIR, findServer } from './running-server.ts';

/** What the secret of a data directory opens at a server. */
export interface ServerKey {
  readonly signer: LinkSigner;
  /** `Cookie` header of a new session. */
  readonly cookie: string;
}

/** The key of the server at `url`: the secret of the configured data directory or of the demonstration in it, whichever the
 *  server takes; that uses up one link. Null when it takes neither. Throws APP_DATA_DIR, and what `fetch` throws. */
export async function findServerKey(cli: Cli, url: string): Promise<ServerKey | null> {
  const dir = resolve(cli.cwd, cli.config().data_dir);
  const running = [dir, join(dir, DEMO_DIR)].flatMap((root) => findServer(root) ?? []);
  for (const root of new Set([...running.map((server) => server.data_dir), dir])) {
    if (!existsSync(join(root, 'secret'))) continue;
    const signer = createLinkSigner(await loadSecret(await prepareDataDir(root)), cli.clock);
    const cookie = await openSession(cli, url, signer);
    if (cookie !== null) return { signer, cookie };
  }
  return null;
}

async function openSession(cli: Cli, url: string, signer: LinkSigner): Promise<string | null> {
  const response = await fetch(`${url}${API_BASE}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: signer.mint() }),
    signal: cli.signal,
  });
  return response.ok ? (response.headers.getSetCookie()[0]?.split(';')[0] ?? null) : null;
}
