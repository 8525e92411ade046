import { readdir, readFile } from 'node:fs/promises';
import { MARK_VARIABLE, type ProcessHost } from './process-host.ts';

/** The processes of this machine. Those with a mark are found where the system shows environments (`/proc`, on Linux), and only
 *  those of this user. `own`: this process. */
export function createProcessHost(own: Pick<NodeJS.Process, 'kill' | 'pid'>, env: ProcessHost['env']): ProcessHost {
  return {
    env,
    signal(pid, name) {
      try {
        return own.kill(pid, name);
      } catch {
        return false;
      }
    },
    async marked(prefix) {
      const names = await readdir('/proc').catch((): string[] => []);
      const wanted = `\0${MARK_VARIABLE}=${prefix}`;
      const pids = names.filter((name) => /^\d+$/.test(name) && Number(name) !== own.pid);
      const found = await Promise.all(pids.map(async (pid) => ((await environmentOf(pid)).includes(wanted) ? [Number(pid)] : [])));
      return found.flat();
    },
  };
}

async function environmentOf(pid: string): Promise<string> {
  // Of others, and of those that have ended meanwhile, nothing is shown.
  const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return `\0${text}`;
}
