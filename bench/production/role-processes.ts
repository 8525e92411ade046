import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN, waitFor } from '../../test/e2e/product.ts';

/** A process of each role on servers. */
export interface RoleProcesses {
  /** Base address of the API. */
  readonly address: string;
  /** Starts one more process of a role. */
  add(role: string): void;
  /** Seconds of processor that each process has used since it was asked last, by its name. */
  cpuSeconds(): Readonly<Record<string, number>>;
  /** Process ids, by name. */
  pids(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const TICKS_A_SECOND = 100;
/** The program takes every GUARDIAN_… for a setting of its own. */
const { GUARDIAN_BENCH_PROFILE: PROFILES, ...ENVIRONMENT } = process.env;

/** Starts the roles with one configuration, each with a data directory of its own, and waits until the API accepts.
 *  GUARDIAN_BENCH_PROFILE=folder: each writes a profile of its processor there (`--cpu-prof`), a folder a process. */
export async function startRoles(folder: string, config: object, roles: readonly string[]): Promise<RoleProcesses> {
  const path = join(folder, 'guardian.yaml');
  await writeFile(path, JSON.stringify(config));
  const started: { readonly name: string; readonly child: ChildProcess; output: string; used: number }[] = [];

  function add(role: string): void {
    const name = `${role}-${started.filter((one) => one.name.startsWith(role)).length + 1}`;
    const profile = PROFILES === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(PROFILES, name)}`];
    const args = [...profile, MAIN, 'up', '--role', role, '--config', path, '--data_dir', join(folder, name)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...ENVIRONMENT, NODE_NO_WARNINGS: '1' } });
    const one = { name, child, output: '', used: 0 };
    child.stdout.on('data', (chunk: Buffer) => void (one.output += chunk.toString()));
    started.push(one);
  }

  for (const role of roles) add(role);
  const address = await waitFor(async () => {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(started.find(({ name }) => name.startsWith('api'))?.output ?? '')?.[0];
    return found !== undefined && (await fetch(`${found}/ready`).catch(() => undefined))?.ok === true ? found : undefined;
  });
  return {
    address,
    add,
    cpuSeconds: () =>
      Object.fromEntries(
        started.map((one) => {
          const now = usedBy(one.child.pid ?? 0);
          const seconds = now - one.used;
          one.used = now;
          return [one.name, seconds];
        }),
      ),
    pids: () => Object.fromEntries(started.map(({ name, child }) => [name, child.pid ?? 0])),
    async stop() {
      await Promise.all(
        started.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill(PROFILES === undefined ? 'SIGKILL' : 'SIGTERM');
          await exited;
        }),
      );
    },
  };
}

/** Seconds of processor of a process so far, of all its threads. */
function usedBy(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
