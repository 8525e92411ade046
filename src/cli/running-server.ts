import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAlive } from '../app/process-instance.ts';
import type { Config } from '../config/config-schema.ts';

/** A server that says it works on a data directory (absolute path). */
export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  readonly data_dir: string;
}

/** Where `guardian up --demo` keeps its data, below the data directory. */
export const DEMO_DIR = 'demo';

const fileOf = (dataDir: string): string => join(dataDir, 'server.json');

/** Notes that this process serves the data directory, for the other commands. Returns what takes the note away. */
export function noteServer(server: RunningServer): () => void {
  const file = fileOf(server.data_dir);
  writeFileSync(file, JSON.stringify(server), { mode: 0o600 });
  return () => {
    if (findServer(server.data_dir)?.pid === server.pid) rmSync(file, { force: true });
  };
}

/** The server that works on a data directory; undefined when there is none, also when one was killed. */
export function findServer(dataDir: string): RunningServer | undefined {
  try {
    const server = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as RunningServer;
    return isAlive(server.pid) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** The server of the configured data directory, or of the demonstration in it. */
export function configuredServer(cwd: string, config: Config): RunningServer | undefined {
  const root = resolve(cwd, config.data_dir);
  return findServer(root) ?? findServer(join(root, DEMO_DIR));
}

/** Address to talk to, without a slash at the end: the one that was asked for, the server that runs, or where the
 *  configuration puts it. */
export function serverUrl(cwd: string, config: Config, asked?: string): string {
  if (asked !== undefined) return asked.replace(/\/+$/, '');
  return configuredServer(cwd, config)?.url ?? addressUrl(config.http.host, config.http.port);
}

/** `http://host:port` that a program on this machine can use. */
export function addressUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${reachable}:${port}`;
}
