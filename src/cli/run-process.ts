import { systemClock } from '../clock.ts';
import { runProgram } from './program.ts';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A terminal sends Ctrl-C to us and to the launcher that passes it on: two signals this close are one. */
const SAME_SIGNAL_MS = 1000;
const LEFTOVERS_MS = 2000;

/** Runs the program as this process: its arguments, streams, signals and exit code. A second signal ends it at once. The
 *  end of the launcher (its channel closes) counts as a signal. */
export async function runProcess(): Promise<void> {
  const controller = new AbortController();
  let askedAt = Number.NEGATIVE_INFINITY;
  const stop = (): void => {
    const now = systemClock.monotonic();
    if (controller.signal.aborted && now - askedAt > SAME_SIGNAL_MS) process.exit(130);
    if (!controller.signal.aborted) askedAt = now;
    controller.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  process.on('disconnect', stop);
  process.channel?.unref();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly);
  const code = await runProgram({
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    signal: controller.signal,
  });
  process.exitCode = code;
  process.off('disconnect', stop);
  setTimeout(() => process.exit(code), LEFTOVERS_MS).unref();
}

/** A reader such as `head` went away: there is nobody left to tell. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
