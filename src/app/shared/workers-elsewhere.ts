import type { ProcessWatch } from '../process-watch.ts';
import type { WindowWorkers } from '../window-workers.ts';

/** Workers that run on any machine: what runs them starts and stops them (`runbooks.variant`). */
export function workersElsewhere(watch: ProcessWatch): WindowWorkers {
  const count = (): number => watch.view('window').reports.length;
  return {
    count,
    scale: async (wanted) => (wanted === count() ? null : { code: 'runbook_workers_manual', params: { n: count() } }),
  };
}
