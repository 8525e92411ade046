import { readdirSync, readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;
/** Servers that a bench starts, by the name of their processes. */
const NAMES: Readonly<Record<string, string>> = { java: 'kafka', postgres: 'postgresql' };

/** Seconds of processor that the broker, the database and the bench itself have used since it was asked last. */
export type ServersCpu = () => Readonly<Record<string, number>>;

/** Watches the servers that a process has started, itself or through another; default: this one. */
export function createServersCpu(root = process.pid): ServersCpu {
  let before: Record<string, number> = usedByServers(root);
  return () => {
    const now = usedByServers(root);
    const used = Object.fromEntries(Object.entries(now).map(([name, seconds]) => [name, Math.max(0, seconds - (before[name] ?? 0))]));
    before = now;
    return used;
  };
}

interface Process {
  readonly parent: number;
  readonly name: string;
  readonly seconds: number;
}

function usedByServers(root: number): Record<string, number> {
  const processes = new Map(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry) => {
        const found = readProcess(Number(entry));
        return found === undefined ? [] : [[Number(entry), found] as const];
      }),
  );
  const isOurs = (one: Process | undefined): boolean => one !== undefined && (one.parent === root || isOurs(processes.get(one.parent)));
  const { user, system } = process.cpuUsage();
  const used: Record<string, number> = { sender: (user + system) / 1e6 };
  for (const [pid, one] of processes) {
    const server = NAMES[one.name];
    if (server !== undefined && (pid === root || isOurs(one))) used[server] = (used[server] ?? 0) + one.seconds;
  }
  return used;
}

/** The process that has started another; undefined where that is on another machine. */
export function parentOf(pid: number): number | undefined {
  return readProcess(pid)?.parent;
}

/** With what its children had used that have ended: a connection of PostgreSQL is one. */
function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [from, to] = [stat.indexOf('('), stat.lastIndexOf(')')];
    const fields = stat.slice(to + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return { name: stat.slice(from + 1, to), parent: Number(fields[1]), seconds: ticks / TICKS_A_SECOND };
  } catch {
    return undefined;
  }
}
