import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../../errors.ts';
import { fill, fillText } from '../placeholder.ts';
import type { CheckFile } from '../runbook-schema.ts';
import { secretOf } from '../secret.ts';
import { endProcesses, MARK_VARIABLE, type ProcessHost } from './process-host.ts';
import { done, failed, type StepContext, type StepOutcome } from './step-context.ts';

/** Variables of the server that every command gets. Anything else, secrets of the server above all, only by name in `env`. */
const PASSED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR', 'SystemRoot'],
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
];
/** Output that a process has left in its pipe comes this long after its end. */
const FLUSH_MS = 500;

/** Runs a program without a shell, in a session of its own, and ends everything that it leaves behind. */
export async function runCommandStep(work: CheckFile, host: ProcessHost, context: StepContext): Promise<StepOutcome> {
  const [program = '', ...rest] = work.command ?? [];
  const args = rest.map((argument) => fillText(argument, context.values));
  const env = await environment(work, host, context);
  if (context.signal.aborted) return failed('runbook_timeout');
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(work.directory === undefined ? {} : { cwd: fillText(work.directory, context.values) }),
  });
  const take = (chunk: Buffer): void => context.output.take(chunk);
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = await endOf(child, context.signal);
  if (child.pid !== undefined) await clearUp(child.pid, host, context);
  await flushed(child);
  if ('error' in ended) return failed('runbook_no_program', { program, message: ended.error });
  if ('aborted' in ended) return failed('runbook_timeout');
  const { code, signal } = ended;
  if (signal !== null) return failed('runbook_signal', { signal });
  const good = work.expect?.exit_codes ?? [0];
  return good.includes(code ?? -1) ? done : failed('runbook_exit_code', { code: code ?? -1, expected: good.join(', ') });
}

async function environment(work: CheckFile, host: ProcessHost, context: StepContext): Promise<Record<string, string>> {
  const passed = PASSED.flatMap((name) => {
    const value = host.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own: [string, string][] = [];
  for (const [name, value] of Object.entries(work.env ?? {})) {
    const reference = secretOf(value);
    own.push([name, reference === undefined ? String(fill(value, context.values)) : await context.secret(reference)]);
  }
  return { ...Object.fromEntries(passed), ...Object.fromEntries(own), [MARK_VARIABLE]: context.mark };
}

type Ended = { readonly code: number | null; readonly signal: string | null } | { readonly error: string } | { readonly aborted: true };

function endOf(child: ChildProcess, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: messageOf(error) }));
    child.once('exit', (code, name) => resolve({ code, signal: name }));
    signal.addEventListener('abort', () => resolve({ aborted: true }), { once: true });
  });
}

/** Ends what still runs of the step, and says so: nothing may go on behind its back. */
async function clearUp(leader: number, host: ProcessHost, { mark, say }: StepContext): Promise<void> {
  const { found, left } = await endProcesses(host, mark, leader);
  if (found > 0) say({ code: 'runbook_leftovers', params: { n: found } });
  if (left > 0) say({ code: 'runbook_leftovers_alive', params: { n: left } });
}

/** Resolves when the pipes are empty, or held by somebody who left the group. */
async function flushed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const isOpen = [child.stdout, child.stderr].some((stream) => stream !== null && !stream.closed);
  if (isOpen) await Promise.race([once(child, 'close'), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
  child.stdout?.destroy();
  child.stderr?.destroy();
}
