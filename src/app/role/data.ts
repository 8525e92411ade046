import { Registry } from 'prom-client';
import { secondsToMs } from '../../clock.ts';
import { closeDataDir } from '../app.ts';
import { prepareDataDir } from '../data-dir.ts';
import { createDataHealth } from '../data-losses.ts';
import { serveLog } from '../engines.ts';
import { collectWhenIdle } from '../idle-collection.ts';
import { guardTransactions, startOwner, type Owner } from '../owner.ts';
import { startReports, type ProcessState } from '../process-report.ts';
import { createProcessWatch } from '../process-watch.ts';
import { SPLIT_ROLES } from '../roles.ts';
import type { StartRole } from '../running-role.ts';
import { diskStates } from '../self-states.ts';
import { failingIn, failingState, splitSelfState, splitStandstill } from '../split-health.ts';
import { processStateOf } from '../stage-process.ts';
import { startSelfAlerts } from '../start-self-alerts.ts';
import { createUndoStack } from '../undo-stack.ts';

const OTHERS = SPLIT_ROLES.filter((role) => role !== 'data');

/** Owns the log and the database, serves both to the other roles, and notifies the receivers when one of those is absent. There is one
 *  such process for a data directory. */
export const start: StartRole = async (config, { clock, log }, options = {}) => {
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    const metrics = new Registry();
    const owner = await startOwner(config, dir, 'data', { clock, log, metrics, undo, thread: options.pipelineThread });
    const { bus, pipeline, disk, publishing } = owner;
    const data = createDataHealth(dir.root, clock);
    const report = async (): Promise<ProcessState> => {
      const state = processStateOf(pipeline);
      const own = (await metrics.getMetricsAsJSON()) as unknown as ProcessState['metrics'];
      const checks = { ...state.checks, intake: publishing(), disk: disk.health(), data: data() };
      return { ...state, checks, metrics: [...state.metrics, ...own] };
    };
    undo.push('report', startReports({ root: dir.root, role: 'data', clock, log }, report));
    const endSocket = await serveLog(dir, guardTransactions({ ...owner, bus }));
    undo.push('socket of the log', endSocket);
    undo.push('self alerts', watchRoles(owner));
    await pipeline.started;
    await closeDataDir(dir, log);
    undo.push('collection of garbage', collectWhenIdle());
    undo.push('watch of the pipeline', () => pipeline.prepareStop());
    return { address: '', link: () => '', stop };

    function watchRoles({ disk: watched }: Owner): () => void {
      const watch = createProcessWatch(dir.root, clock);
      const stillMs = secondsToMs(config.watchdog.still_s);
      const provenAt = clock.monotonic() + stillMs;
      const standstill = () => pipeline.standstill() ?? splitStandstill(watch, OTHERS, stillMs);
      return startSelfAlerts(
        config,
        { clock, log, root: dir.root },
        {
          detection_standstill: () => splitSelfState(watch, standstill(), clock.monotonic() > provenAt),
          process_failing: () =>
            failingState(
              failingIn(watch, OTHERS).filter(({ name }) => name !== 'data'),
              clock.monotonic() > provenAt,
            ),
          ...diskStates(watched),
        },
      ).end;
    }
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
};
