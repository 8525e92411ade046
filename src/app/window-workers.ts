import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { ProcessWatch } from './process-watch.ts';

/** The processes that count transactions. */
export interface WindowWorkers {
  /** How many report that they work. */
  count(): number;
  /** Starts or stops some until so many work; resolves then, or when `signal` aborts. Gives why it cannot, null when it can. Those that
   *  it starts end with this process. */
  scale(wanted: number, signal: AbortSignal): Promise<Reason | null>;
}

const LOOK_MS = 500;

/** One process with everything: it counts in one thread, and cannot change that. */
export const oneWorker: WindowWorkers = {
  count: () => 1,
  scale: async (wanted) => (wanted === 1 ? null : { code: 'runbook_workers_fixed', params: { n: 1 } }),
};

/** Processes of the role `window` on this data directory. `spawn`: starts one more; undefined where this program cannot. */
export function createWindowWorkers(watch: ProcessWatch, spawn: (() => ChildProcess) | undefined): WindowWorkers {
  const working = () => watch.view('window').reports.filter(({ state }) => state === 'working');
  return {
    count: () => working().length,
    async scale(wanted, signal) {
      const present = working();
      if (wanted > present.length && spawn === undefined) return { code: 'runbook_workers_manual', params: { n: present.length } };
      for (let n = present.length; n < wanted; n++) spawn?.();
      // The youngest go first: theirs is the least to hand over.
      for (const { pid } of present.toSorted((a, b) => a.number - b.number).slice(0, present.length - wanted)) end(pid);
      while (!signal.aborted && working().length !== wanted) await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
      return null;
    },
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has gone by itself.
  }
}
