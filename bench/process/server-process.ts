import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts in these, whatever its kernel counts in. */
const TICKS_PER_SECOND = 100;
const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** The program as a service manager runs it: the launcher, and the server behind it. */
export interface ServerProcess {
  readonly address: string;
  /** Process id of the server, which is not that of the launcher. */
  pid(): number;
  /** kill -9 of the server; resolves when the launcher has ended too. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the program; returns at once. */
export function launchServer(dataDir: string, port: number, flags: readonly string[] = []): ServerProcess {
  const args = [START, '--data_dir', dataDir, '--http.port', String(port), '--log.level', 'error', ...flags];
  const launcher = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(launcher, 'exit');
  const pid = (): number => serverOf(launcher, dataDir);
  return {
    address: `http://127.0.0.1:${port}`,
    pid,
    async kill() {
      process.kill(pid(), 'SIGKILL');
      await exited;
    },
    async stop() {
      launcher.kill('SIGTERM');
      await exited;
    },
  };
}

function serverOf(launcher: ChildProcess, dataDir: string): number {
  const children = readFileSync(`/proc/${launcher.pid}/task/${launcher.pid}/children`, 'utf8').trim().split(' ');
  const child = children.find((id) => readFileSync(join('/proc', id, 'cmdline'), 'utf8').includes(dataDir));
  if (child === undefined) throw new Error('the launcher has not started the server yet');
  return Number(child);
}

/** Asks `path` every 10 ms until `isDone` says so; resolves with the monotonic time of that answer. Throws after `limitMs`. */
export async function awaitAnswer(
  address: string,
  path: string,
  isDone: (answer: Response) => boolean | Promise<boolean>,
  limitMs = 120_000,
): Promise<number> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const answer = await fetch(address + path).catch(() => undefined);
    if (answer !== undefined && (await isDone(answer))) return performance.now();
    if (answer?.bodyUsed === false) await answer.body?.cancel();
    if (performance.now() > limit) throw new Error(`${path} did not come to that within ${limitMs} ms`);
    await sleep(10);
  }
}

/** Resident memory of a process, bytes: now, and the most there ever was. */
export function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** Processor time of a process so far, seconds. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / TICKS_PER_SECOND;
}
