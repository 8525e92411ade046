import type { Clock } from '../clock.ts';
import { createReportReader, type ProcessReport } from './process-report.ts';
import type { ProcessRole } from './roles.ts';

/** `working` and `starting` by its newest report; `quiet`: that one is older than it should be, so that nobody knows; `stale`: a process of it
 *  has reported and does not any more; `missing`: none has since this process watches. */
export type RoleState = 'working' | 'starting' | 'quiet' | 'stale' | 'missing';

/** How a role stands. */
export interface RoleView {
  readonly role: ProcessRole;
  readonly state: RoleState;
  /** Milliseconds since it was last heard of, or since the watch began; 0 while it reports as it should. */
  readonly silentMs: number;
  /** Of the processes that report now. */
  readonly reports: readonly ProcessReport[];
}

/** Watches the processes of a data directory. */
export interface ProcessWatch {
  /** Looks again, at most once a second. */
  view(role: ProcessRole): RoleView;
}

/** A process reports every second. One that has not for so long may be dead. */
export const QUIET_MS = 4000;
/** A process that has not reported for so long is dead, frozen or has no disk. */
export const STALE_MS = 10_000;
const LOOK_MS = 1000;

/** Makes a watch of the processes of the data directory `root`. */
export function createProcessWatch(root: string, clock: Clock): ProcessWatch {
  return watchReports(createReportReader(root), clock);
}

/** Makes a watch of those whose reports `read` has. A report counts from when its number is seen to change, by our monotonic clock, so
 *  that a clock that is set changes nothing; only the age of one that was there before is reported by its time. A process that stands
 *  by says that its role could be taken, not that anybody has it. */
export function watchReports(read: () => readonly ProcessReport[], clock: Clock): ProcessWatch {
  const begunAt = clock.monotonic();
  const seen = new Map<string, { number: number; at: number }>();
  const keyOf = ({ instance, role }: ProcessReport): string => `${instance} ${role}`;
  const heardAt = new Map<ProcessRole, number>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let fresh: readonly ProcessReport[] = [];

  const isFresh = (report: ProcessReport, now: number): boolean => {
    const { number, at } = report;
    const key = keyOf(report);
    const before = seen.get(key);
    if (before === undefined) {
      const isRecent = Math.abs(clock.now() - at) <= STALE_MS;
      seen.set(key, { number, at: isRecent ? now : Number.NEGATIVE_INFINITY });
      return isRecent;
    }
    if (number !== before.number) seen.set(key, { number, at: now });
    return now - (seen.get(key)?.at ?? now) <= STALE_MS;
  };
  const look = (): void => {
    const now = clock.monotonic();
    if (now - lookedAt < LOOK_MS) return;
    lookedAt = now;
    const reports = read();
    fresh = reports.filter((report) => isFresh(report, now));
    for (const report of fresh) {
      if (report.state === 'standby') continue;
      heardAt.set(report.role, Math.max(heardAt.get(report.role) ?? begunAt, seen.get(keyOf(report))?.at ?? now));
    }
    const keys = new Set(reports.map(keyOf));
    for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
  };
  return {
    view(role) {
      look();
      const reports = fresh.filter((report) => report.role === role && report.state !== 'standby');
      if (reports.length > 0) {
        const now = clock.monotonic();
        const ageMs = Math.min(...reports.map((report) => now - (seen.get(keyOf(report))?.at ?? now)));
        if (ageMs > QUIET_MS) return { role, state: 'quiet', silentMs: ageMs, reports };
        const isWorking = reports.some(({ state }) => state === 'working');
        return { role, state: isWorking ? 'working' : 'starting', silentMs: 0, reports };
      }
      const heard = heardAt.get(role);
      const silentMs = clock.monotonic() - (heard ?? begunAt);
      return { role, state: heard === undefined ? 'missing' : 'stale', silentMs, reports };
    },
  };
}
