import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A name for this start of this process that no other has: machine, process id, and a random part. */
export function newInstance(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

/** True for the name of a process of this machine that does not run any more. Of other machines nobody knows. */
export function hasEnded(instance: string): boolean {
  const [, host, pid] = /^(.*)-(\d+)-[0-9a-f]{8}$/.exec(instance) ?? [];
  return host === hostname() && !isAlive(Number(pid));
}

/** True while a process with this id runs on this machine, of whichever user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
