import { setTimeout as delay } from 'node:timers/promises';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { hasEnded } from './process-instance.ts';
import type { ProcessReport } from './process-report.ts';
import type { ProcessWatch } from './process-watch.ts';
import { ownSupervisorNote } from './supervise/supervisor-note.ts';
import { askParent } from './supervisor.ts';

/** The processes that count transactions. */
export interface WindowWorkers {
  /** How many report that they work. */
  count(): number;
  /** Starts or stops some until so many work; resolves then, or when `signal` aborts. Gives why it cannot, null when it can. */
  scale(wanted: number, signal: AbortSignal): Promise<Reason | null>;
}

/** The workers of this machine, which its supervisor starts and stops. */
export interface OwnWorkers {
  count(): number;
  /** False when it cannot be. */
  scale(wanted: number): Promise<boolean>;
}

const LOOK_MS = 500;

/** One process with everything: it counts in one thread, and cannot change that. */
export const oneWorker: WindowWorkers = {
  count: () => 1,
  scale: async (wanted) => (wanted === 1 ? null : { code: 'runbook_workers_fixed', params: { n: 1 } }),
};

/** The workers that the supervisor of this process has; undefined where nobody supervises it, or not the workers. */
export function ownWorkers(root: string): OwnWorkers | undefined {
  const count = (): number => ownSupervisorNote(root)?.processes.filter(({ role }) => role === 'window').length ?? 0;
  if (count() === 0) return undefined;
  return { count, scale: (wanted) => askParent('scale', { role: 'window', count: wanted }) };
}

/** Processes of the role `window`, on whichever machine. Only those of this one can be changed: `own` says who does. */
export function createWindowWorkers(watch: ProcessWatch, own: () => OwnWorkers | undefined): WindowWorkers {
  // The last report of a worker that was killed is there for seconds.
  const isWorking = ({ state, instance }: ProcessReport): boolean => state === 'working' && !hasEnded(instance);
  const count = (): number => watch.view('window').reports.filter(isWorking).length;
  return {
    count,
    async scale(wanted, signal) {
      const here = own();
      const manual: Reason = { code: 'runbook_workers_manual', params: { n: count() } };
      if (here === undefined) return wanted === count() ? null : manual;
      // One that is being started again is missing from those that report.
      const elsewhere = Math.max(0, count() - here.count());
      if (wanted < elsewhere) return { code: 'runbook_workers_elsewhere', params: { n: elsewhere } };
      if (!(await here.scale(wanted - elsewhere))) return manual;
      while (!signal.aborted && count() !== wanted) await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
      return null;
    },
  };
}
