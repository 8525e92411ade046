import type { Clock } from '../clock.ts';
import { createReportReader, type ProcessReport } from './process-report.ts';
import type { ProcessRole } from './roles.ts';

/** `working` and `starting` by its newest report; `stale`: a process of it has reported and does not any more; `missing`: none has
 *  since this process watches. */
export type RoleState = 'working' | 'starting' | 'stale' | 'missing';

/** How a role stands. */
export interface RoleView {
  readonly role: ProcessRole;
  readonly state: RoleState;
  /** Milliseconds since it was last heard of, or since the watch began; 0 while it reports. */
  readonly silentMs: number;
  /** Of the processes that report now. */
  readonly reports: readonly ProcessReport[];
}

/** Watches the processes of a data directory. */
export interface ProcessWatch {
  /** Looks again, at most once a second. */
  view(role: ProcessRole): RoleView;
}

/** A process that has not reported for so long is dead, frozen or has no disk. */
export const STALE_MS = 10_000;
const LOOK_MS = 1000;

/** Makes a watch. A report counts from when its number is seen to change, by our monotonic clock, so that a clock that is set
 *  changes nothing; only the age of one that was there before is reported by its time. */
export function createProcessWatch(root: string, clock: Clock): ProcessWatch {
  const read = createReportReader(root);
  const begunAt = clock.monotonic();
  const seen = new Map<string, { number: number; at: number }>();
  const heardAt = new Map<ProcessRole, number>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let fresh: readonly ProcessReport[] = [];

  const isFresh = ({ instance, number, at }: ProcessReport, now: number): boolean => {
    const before = seen.get(instance);
    if (before === undefined) {
      const isRecent = Math.abs(clock.now() - at) <= STALE_MS;
      seen.set(instance, { number, at: isRecent ? now : Number.NEGATIVE_INFINITY });
      return isRecent;
    }
    if (number !== before.number) seen.set(instance, { number, at: now });
    return now - (seen.get(instance)?.at ?? now) <= STALE_MS;
  };
  const look = (): void => {
    const now = clock.monotonic();
    if (now - lookedAt < LOOK_MS) return;
    lookedAt = now;
    const reports = read();
    fresh = reports.filter((report) => isFresh(report, now));
    for (const { role } of fresh) heardAt.set(role, now);
    const instances = new Set(reports.map(({ instance }) => instance));
    for (const instance of seen.keys()) if (!instances.has(instance)) seen.delete(instance);
  };
  return {
    view(role) {
      look();
      const reports = fresh.filter((report) => report.role === role);
      if (reports.length > 0) {
        const isWorking = reports.some(({ state }) => state === 'working');
        return { role, state: isWorking ? 'working' : 'starting', silentMs: 0, reports };
      }
      const heard = heardAt.get(role);
      const silentMs = clock.monotonic() - (heard ?? begunAt);
      return { role, state: heard === undefined ? 'missing' : 'stale', silentMs, reports };
    },
  };
}
