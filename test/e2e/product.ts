import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programFile } from '../../scripts/bootstrap/program.mjs';
import { freePort } from './free-port.ts';

/** The program as its launcher starts it. */
export const MAIN = programFile();

/** Traffic of fixed days never grows too old: settings, and as variables of the environment. */
export const ANY_AGE = { 'ingest.max_age_days': '36500', 'store.count_retention_days': '36500' } as const;
const ANY_AGE_VARIABLES = { GUARDIAN_INGEST_MAX_AGE_DAYS: '36500', GUARDIAN_STORE_COUNT_RETENTION_DAYS: '36500' } as const;

/** What a run of the program gets from its environment. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env, NODE_NO_WARNINGS: '1', ...ANY_AGE_VARIABLES });

/** The API as a client sees it. */
export interface Api {
  readonly address: string;
  get<T>(path: string): Promise<T>;
  post(path: string, body: string, headers?: Record<string, string>): Promise<Response>;
  /** A POST that acts: with the service token of the data directory. */
  act(path: string, body: string): Promise<Response>;
}

/** The whole program as a user runs it: a process of its own on a free port. */
export interface Product extends Api {
  readonly process: ChildProcess;
  output(): string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

/** Runs `guardian up` on `dataDir` and waits until it is ready, or until it listens. */
export async function startProduct(
  dataDir: string,
  flags: readonly string[] = [],
  { untilReady } = { untilReady: true },
): Promise<Product> {
  const child = spawn(process.execPath, [MAIN, 'up', '--data_dir', dataDir, '--http.port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const exited = once(child, 'exit');
  const address = await waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}:\n${output}`);
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
    if (found === undefined || !untilReady) return found;
    const ready = await fetch(`${found}/ready`).catch(() => undefined);
    return ready?.ok === true ? found : undefined;
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`the program did not get ready:\n${output}`, { cause: error });
  });
  return {
    ...apiAt(() => address, dataDir),
    process: child,
    output: () => output,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

/** The API at an address that may change. */
export function apiAt(address: () => string, dataDir: string): Api {
  return {
    get address() {
      return address();
    },
    get: async <T>(path: string) => (await (await fetch(address() + path)).json()) as T,
    post: (path, body, headers = {}) =>
      fetch(address() + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }),
    act: async (path, body) => {
      const authorization = `Bearer ${(await readFile(join(dataDir, 'service-token'), 'utf8')).trim()}`;
      return fetch(address() + path, { method: 'POST', body, headers: { 'content-type': 'application/json', authorization } });
    },
  };
}

/** Runs a command of the program to its end. `output`: both streams. */
export function runGuardian(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env: environment() }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** Most that anything may take: a machine that is busy with other work is ten times as slow. */
const PATIENCE_MS = 300_000;

/** Asks again every 50 ms until the answer is not undefined. Throws when nothing came for a very long time. */
export async function waitFor<T>(ask: () => Promise<T | undefined>, timeoutMs = PATIENCE_MS): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`nothing came within ${timeoutMs} ms`);
    await sleep(50);
  }
}

/** A webhook receiver that can be stopped and started again on the same port. */
export interface Receiver {
  readonly url: string;
  readonly bodies: {
    readonly status: string;
    readonly groupKey: string;
    readonly alerts: readonly { readonly status: string; readonly fingerprint: string; readonly labels: Record<string, string> }[];
  }[];
  readonly headers: Record<string, string | string[] | undefined>[];
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Starts a receiver that answers 200 to everything and remembers it. */
export async function startReceiver(): Promise<Receiver> {
  const bodies: Receiver['bodies'] = [];
  const headers: Receiver['headers'] = [];
  let server: Server | undefined;
  const port = await freePort();
  const up = async (): Promise<void> => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Receiver['bodies'][number]);
        headers.push(request.headers);
        response.writeHead(200).end();
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}/webhook/alertmanager`,
    bodies,
    headers,
    up,
    async down() {
      server?.closeAllConnections();
      const closed = server === undefined ? undefined : once(server, 'close');
      server?.close();
      await closed;
    },
  };
}
