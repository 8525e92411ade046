import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { signalProcess } from '../signal-process.ts';

/** Variable of every process that a supervisor starts: the data directory, absolute. */
export const SUPERVISED_VARIABLE = 'SUPERVISED_DATA_DIR';

const LOOK_MS = 100;

/** Ends the processes that a supervisor of the data directory `root` has left behind: those of one that was killed end by themselves, unless
 *  they are frozen or hang; those get SIGKILL after `stopMs`. Only for who has the lock of the supervisor and has not started any. Finds them
 *  where the system shows environments (Linux). Returns how many there were. */
export async function endLeftBehind(root: string, { log, stopMs }: { readonly log: Logger; readonly stopMs: number }): Promise<number> {
  const found = await supervisedIn(root);
  if (found.length === 0) return 0;
  log.warn({ pids: found }, 'processes of a supervisor that was killed are still there: they are ended first');
  for (const pid of found) signalProcess(pid, 'SIGTERM');
  for (let waited = 0; waited < stopMs; waited += LOOK_MS) {
    if ((await supervisedIn(root)).length === 0) return found.length;
    await sleep(LOOK_MS);
  }
  const left = await supervisedIn(root);
  log.warn({ pids: left }, 'they did not end in time: SIGKILL');
  for (const pid of left) signalProcess(pid, 'SIGKILL');
  while ((await supervisedIn(root)).length > 0) await sleep(LOOK_MS);
  return found.length;
}

async function supervisedIn(root: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const mark = `\0${SUPERVISED_VARIABLE}=${root}\0`;
  const pids = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map(async (pid) => ((await environmentOf(pid)).includes(mark) ? [Number(pid)] : [])));
  return found.flat();
}

/** Of others, and of those that have ended, nothing is shown. */
const environmentOf = async (pid: string): Promise<string> => `\0${await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')}\0`;
