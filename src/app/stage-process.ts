import type { SelfState } from '../alert/self-alert.ts';
import { secondsToMs } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { AppDeps, StartOptions } from './app.ts';
import { prepareDataDir } from './data-dir.ts';
import { collectWhenIdle } from './idle-collection.ts';
import { startPipeline, type Pipeline } from './pipeline.ts';
import { createProcessWatch } from './process-watch.ts';
import { startReports, type ProcessState } from './process-report.ts';
import type { ProcessRole } from './roles.ts';
import type { RunningRole } from './running-role.ts';
import { absenceOf, failingState } from './split-health.ts';
import { startSelfAlerts } from './start-self-alerts.ts';
import { failingProcesses } from './supervise/supervisor-note.ts';
import { createUndoStack } from './undo-stack.ts';

export interface StageOptions extends StartOptions {
  /** The receivers are notified when no process of this role is there. */
  readonly watches?: ProcessRole;
}

/** Runs the stages of a role that asks another process for log and database. Resolves when they run, which they do before that
 *  process is there: they wait for it. Throws APP_DATA_DIR, APP_SOCKET. */
export async function startStages(
  role: ProcessRole,
  config: Config,
  { clock, log }: AppDeps,
  options: StageOptions = {},
): Promise<RunningRole> {
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    const pipeline = startPipeline({ config, dir, role }, { clock, log, thread: options.pipelineThread });
    undo.push('pipeline', () => pipeline.stop());
    undo.push(
      'report',
      startReports({ root: dir.root, role, clock, log }, async () => processStateOf(pipeline)),
    );
    if (options.watches !== undefined) {
      const { watches } = options;
      const watch = createProcessWatch(dir.root, clock);
      const stillMs = secondsToMs(config.watchdog.still_s);
      const state = (): SelfState => absenceOf(watch, watches, stillMs);
      const of = { clock, log, root: dir.root, file: `self-alerts-${watches}.json` };
      undo.push(
        'self alerts',
        startSelfAlerts(config, of, {
          detection_standstill: state,
          process_failing: () =>
            failingState(
              failingProcesses(dir.root).filter(({ name }) => name === watches),
              true,
            ),
        }).end,
      );
    }
    await pipeline.started;
    undo.push('collection of garbage', collectWhenIdle());
    undo.push('watch of the pipeline', () => pipeline.prepareStop());
    return { address: '', link: () => '', stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** How a pipeline is doing, also while its thread is silent. */
export function processStateOf(pipeline: Pipeline): ProcessState {
  const { checks, metrics } = pipeline.state();
  return {
    state: checks['pipeline']?.status === 'starting' ? 'starting' : 'working',
    checks,
    standstill: pipeline.standstill(),
    isBehindNotified: pipeline.isBehindNotified(),
    metrics,
  };
}
