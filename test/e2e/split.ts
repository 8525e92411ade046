import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { apiAt, environment, MAIN, type Api } from './product.ts';

export const ROLES = ['data', 'api', 'window', 'detect', 'alert'] as const;
type Role = (typeof ROLES)[number];

/** The program as a process for each role, on one data directory. */
export interface Split {
  readonly product: Api;
  start(role: Role): void;
  /** kill -9 */
  kill(role: Role): Promise<void>;
  /** SIGSTOP */
  freeze(role: Role): void;
  /** Asks all to stop; their exit codes. */
  stop(): Promise<readonly (number | null)[]>;
  output(): string;
}

/** Where nobody listens, until the API has said where it does. */
const NOWHERE = 'http://127.0.0.1:9';

/** Starts all roles at once. */
export function startSplit(dataDir: string, flags: readonly string[]): Split {
  const children = new Map<Role, ChildProcess>();
  let output = '';
  let ofApi = '';

  const start = (role: Role): void => {
    const args = [MAIN, 'up', '--role', role, '--data_dir', dataDir, '--http.port', '0', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    if (role === 'api') ofApi = '';
    const collect = (chunk: Buffer): void => {
      output += `${role}: ${chunk.toString()}`;
      if (role === 'api') ofApi += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    children.set(role, child);
  };
  const end = async (role: Role, signal: NodeJS.Signals): Promise<number | null> => {
    const child = children.get(role);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  for (const role of ROLES) start(role);
  return {
    product: apiAt(() => /http:\/\/127\.0\.0\.1:\d+/.exec(ofApi)?.[0] ?? NOWHERE, dataDir),
    start,
    kill: async (role) => void (await end(role, 'SIGKILL')),
    freeze: (role) => void children.get(role)?.kill('SIGSTOP'),
    stop: () => Promise.all(ROLES.map((role) => end(role, 'SIGTERM'))),
    output: () => output,
  };
}
