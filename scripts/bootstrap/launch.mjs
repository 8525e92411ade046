import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { watchParent } from './parent-watch.mjs';
import { cacheDir, SetupError } from './paths.mjs';
import { programFile } from './program.mjs';
import { hearRestart, runWithRestarts } from './restart.mjs';
import { setUp } from '../setup.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** glibc keeps what a thread has freed in an arena of that thread, up to eight a core: two arenas, and back to the system what is
 *  free at their ends. Other C libraries do not know these names. */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_MMAP_THRESHOLD_: '262144' };

/** Environment of everything that we start: our Node first on PATH, compiled code kept between runs. */
export function childEnv(node) {
  return {
    ...MALLOC,
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cacheDir, 'compile'),
  };
}

/** After SIGTERM a child gets this long before SIGKILL: longer than its own stop deadline may be set to in practice. */
const PATIENCE_MS = 120_000;

/** Runs a program in our terminal and resolves with its exit code (128 + number for a signal). Signals are passed on; the
 *  end of the package manager that runs us counts as SIGTERM; the open channel tells the child when we are gone, however we
 *  went. With a channel the child may ask to be started again (`restart.mjs`). */
export async function runChild(node, args, options = {}) {
  if (options.channel !== true) return (await runOnce(node, args, options)).code;
  return runWithRestarts(() => runOnce(node, args, options));
}

/** Runs it once: its exit code, whether it asked to be started again, and whether we were asked to end. */
function runOnce(node, args, { channel = false, cwd = process.cwd(), env = childEnv(node) }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: channel ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit' });
    const restart = hearRestart(child, PATIENCE_MS);
    let isEnding = false;
    const end = (signal) => {
      isEnding = true;
      restart.forget();
      child.kill(signal);
    };
    const listeners = FORWARDED.map((signal) => [signal, () => end(signal)]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    let killing;
    const unwatch = watchParent(() => {
      end('SIGTERM');
      killing = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    });
    child.on('error', reject);
    // The end of a channel can leave nothing that keeps us waiting for the end of the child.
    const waiting = setInterval(() => undefined, 60_000);
    child.on('exit', (code, signal) => {
      clearInterval(waiting);
      clearTimeout(killing);
      unwatch();
      for (const [name, listener] of listeners) process.off(name, listener);
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), wanted: restart.wanted(), isEnding });
    });
  });
}

/** Prints one sentence for an expected failure, the stack for a bug of ours, and ends with code 1. */
export function fail(error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
  process.exitCode = 1;
}

/** The optimising compiler begins with the database engine later than by default (13,000,000): one function of it takes seconds
 *  of a core and 600 MB for a moment, which a start needs for itself. */
const ENGINE_FLAGS = ['--wasm-tiering-budget=100000000'];

/** Sets up and runs `guardian <args>`; ends with its exit code. Only `up` needs the console. */
export async function launchGuardian(args) {
  // Nothing is running yet that would have to stop first.
  const unwatch = watchParent(() => process.exit(143));
  try {
    const node = await setUp({ console: args[0] === 'up' && !args.includes('--help') });
    unwatch();
    const flags = ['--disable-warning=ExperimentalWarning', ...ENGINE_FLAGS];
    process.exitCode = await runChild(node, [...flags, programFile(), ...args], { channel: true });
  } catch (error) {
    fail(error);
  }
}
