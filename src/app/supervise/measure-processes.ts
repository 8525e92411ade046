import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProcessView } from './supervised-process.ts';

/** Says in metrics how the processes of a supervisor are doing. `views`: undefined where nobody supervises. */
export function measureProcesses(metrics: Registry, views: () => readonly ProcessView[] | undefined): void {
  const each = (set: (view: ProcessView) => void): void => views()?.forEach(set);
  const up = new Gauge({
    name: 'guardian_process_up',
    help: 'Whether a supervised process is ready: 1, or 0 while it starts, waits for a start or ends.',
    labelNames: ['process'],
    registers: [metrics],
    collect() {
      up.reset();
      each(({ name, phase }) => up.set({ process: name }, phase === 'running' ? 1 : 0));
    },
  });
  const restarts = new Counter({
    name: 'guardian_process_restarts_total',
    help: 'How often a supervised process was started again, also when somebody asked for that.',
    labelNames: ['process'],
    registers: [metrics],
    collect() {
      restarts.reset();
      each((view) => restarts.inc({ process: view.name }, view.restarts));
    },
  });
  const failing = new Gauge({
    name: 'guardian_process_failing',
    help: 'Whether a supervised process has ended by itself three times or more within ten minutes.',
    labelNames: ['process'],
    registers: [metrics],
    collect() {
      failing.reset();
      each((view) => failing.set({ process: view.name }, view.failing ? 1 : 0));
    },
  });
}
