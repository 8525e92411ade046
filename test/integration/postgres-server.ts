import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../e2e/free-port.ts';
import { waitFor } from '../e2e/product.ts';

/** A PostgreSQL server of its own for one test file, on loopback. */
export interface PostgresServer {
  readonly version: string;
  /** Where its database `name` is. */
  urlOf(name?: string): string;
  /** Makes an empty database and returns where it is. */
  createDatabase(): Promise<string>;
  /** Runs one statement as the superuser. */
  run(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends every process of it at once, as a power cut does, and starts it again. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';

/** The newest server of this machine. Throws where there is none: the services tests install it. */
function programs(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'postgres')));
  if (found === undefined) throw new Error(`There is no PostgreSQL server in ${DEBIAN}: npm run test:services installs it.`);
  return found;
}

/** The server refuses to run as root: it then runs as the user that its package has made. */
function user(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Makes and starts a server. `settings`: lines of postgresql.conf. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const bin = programs();
  const as = user();
  const root = mkdtempSync(join(tmpdir(), 'guardian-postgres-'));
  const data = join(root, 'data');
  mkdirSync(data);
  if (as.uid !== undefined && as.gid !== undefined) for (const path of [root, data]) chownSync(path, as.uid, as.gid);
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'guardian', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...as,
    cwd: root,
    stdio: 'ignore',
  });
  const port = await freePort();
  const urlOf = (name = 'postgres'): string => `postgres://guardian@127.0.0.1:${port}/${name}`;
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: root, fsync: 'off', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ReturnType<typeof spawn> | undefined;
  let made = 0;

  const run = async (statement: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ connectionString: urlOf() });
    // A server that is killed meanwhile.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const start = async (): Promise<void> => {
    const started = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...as, cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    started.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    server = started;
    await waitFor(async () => {
      if (started.exitCode !== null || started.signalCode !== null)
        throw new Error(`PostgreSQL ended with ${started.exitCode}:\n${output}`);
      return run('select 1').catch(() => undefined);
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = server;
    server = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  };
  await start();
  const [row] = await run('show server_version');
  return {
    version: String(row?.['server_version']),
    urlOf,
    async createDatabase() {
      const name = `guardian_${++made}`;
      await run(`create database ${name}`);
      return urlOf(name);
    },
    run,
    kill: () => end('SIGQUIT'),
    start,
    async stop() {
      await end('SIGINT');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
