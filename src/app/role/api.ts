import { setTimeout as delay } from 'node:timers/promises';
import { secondsToMs } from '../../clock.ts';
import { serveApi, type ApiGround } from '../api-server.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { prepareDataDir } from '../data-dir.ts';
import { linkEngines, type LinkedEngines } from '../engines.ts';
import { collectWhenIdle } from '../idle-collection.ts';
import { startReports, type ProcessState } from '../process-report.ts';
import { createProcessWatch } from '../process-watch.ts';
import { SPLIT_ROLES } from '../roles.ts';
import type { StartRole } from '../running-role.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { createUndoStack } from '../undo-stack.ts';
import { createWindowWorkers, ownWorkers } from '../window-workers.ts';

const OTHERS = SPLIT_ROLES.filter((role) => role !== 'api');
const LINK_LOOK_MS = 50;
const WORKING: ProcessState = { state: 'working', checks: {}, isBehindNotified: false, metrics: [] };

/** Accepts transactions and answers questions, for stages that run in other processes. The port is open before those are there:
 *  what needs them answers 503 meanwhile, and `/health` names the role that is absent. */
export const start: StartRole = async (config, deps, options = {}) => {
  const { clock, log } = deps;
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    // A link works once, and an ended session has ended: one process knows.
    const lock = lockDataDir(dir.root, process.pid, 'api');
    undo.push('lock of the API', lock.release);
    const link = await linkEngines(dir, { log, waitMs: 0 });
    undo.push('link to log and database', () => link.close());
    const watch = createProcessWatch(dir.root, clock);
    const ending = new AbortController();
    undo.push('waiting for the data process', () => ending.abort());
    const ground: ApiGround = {
      ...{ dir, engines: link, watch, others: OTHERS, isAlone: true, registry: createMetrics() },
      started: untilUp(link, ending.signal),
      metrics: () => OTHERS.flatMap((role) => watch.view(role).reports).map((report) => report.metrics),
      workers: createWindowWorkers(watch, () => ownWorkers(dir.root)),
    };
    const running = await serveApi(config, deps, options, ground, undo);
    undo.push(
      'report',
      startReports({ root: dir.root, role: 'api', clock, log }, async () => WORKING),
    );
    undo.push('collection of garbage', collectWhenIdle());
    return { ...running, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
};

/** Resolves when the process that serves log and database is there for the first time; never once `signal` has aborted. */
async function untilUp(link: LinkedEngines, signal: AbortSignal): Promise<void> {
  while (link.state() !== 'up') {
    await delay(LINK_LOOK_MS, undefined, { ref: false });
    if (signal.aborted) await new Promise(() => undefined);
  }
}
