import { readFileSync } from 'node:fs';
import { isAlive } from './is-alive.mjs';

const LOOK_MS = 250;
const SHELLS = new Set(['sh', 'dash', 'bash', 'ash', 'zsh', 'ksh', 'busybox']);

/** Name, parent and session of a process on Linux; undefined elsewhere, and once it is gone. */
function statOf(pid) {
  try {
    // The name stands in brackets and may hold spaces and brackets itself.
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [, parent, , session] = (rest ?? '').split(' ');
    return { name, parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}

/** Calls `onGone` once when the package manager that runs us as a script has ended. It starts us through a shell: a signal
 *  ends the shell and leaves us, SIGKILL ends the package manager and leaves the shell with us. Without a package manager
 *  nobody is watched: a terminal or a script may end and leave us running, as under nohup. The same holds for a process that
 *  leads a session of its own, and for one whose parent was gone before. Returns the end of the watch. */
export function watchParent(onGone, env = process.env) {
  const parent = process.ppid;
  const isScript = env.npm_lifecycle_event !== undefined || env.npm_execpath !== undefined;
  if (!isScript || parent <= 1 || statOf(process.pid)?.session === process.pid) return () => undefined;
  const shell = statOf(parent);
  const manager = shell !== undefined && SHELLS.has(shell.name) && shell.parent > 1 ? shell.parent : undefined;
  const isThere = () => {
    if (process.ppid !== parent || !isAlive(parent)) return false;
    return manager === undefined || statOf(parent)?.parent === manager;
  };
  const timer = setInterval(() => {
    if (isThere()) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
