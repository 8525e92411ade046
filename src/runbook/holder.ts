/** A process that works on runs: its machine, its id there, and this start of it. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly instance: string;
}

const HANDED = 'handover|';

/** A holder as the database has it. Pure. */
export function holderText({ host, pid, instance }: Holder): string {
  return `${host}|${pid}|${instance}`;
}

/** The text of a run that this holder has left to the next process. Pure. */
export function handedOver(holder: string): string {
  return HANDED + holder;
}

/** Whether a run waits for the next process. Pure. */
export function isHandedOver(holder: string): boolean {
  return holder.startsWith(HANDED);
}

/** True when the process behind a text is known to be gone: it ran on this machine, and does not any more. */
export function isGone(text: string, own: Holder, isAlive: (pid: number) => boolean): boolean {
  const [host, pid = '', instance] = (isHandedOver(text) ? text.slice(HANDED.length) : text).split('|');
  if (host !== own.host || instance === own.instance) return false;
  // In a container every start has the same id.
  return Number(pid) === own.pid || !isAlive(Number(pid));
}
