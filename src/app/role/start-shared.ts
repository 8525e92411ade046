import { secondsToMs } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { serveApi } from '../api-server.ts';
import type { AppDeps, StartOptions } from '../app.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { prepareDataDir } from '../data-dir.ts';
import { openTurn } from '../engines.ts';
import { createHeldNotice } from '../held-notice.ts';
import { collectWhenIdle } from '../idle-collection.ts';
import { startPipeline, type Pipeline } from '../pipeline.ts';
import { startProbe } from '../probe-server.ts';
import { ROLE_SPECS, SPLIT_ROLES, type ProcessRole } from '../roles.ts';
import type { RunningRole } from '../running-role.ts';
import { processStateOf } from '../stage-process.ts';
import { failingProcesses, type FailingProcess } from '../supervise/supervisor-note.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { untilAborted } from '../../within.ts';
import { createUndoStack } from '../undo-stack.ts';
import { createWindowWorkers, ownWorkers } from '../window-workers.ts';
import { shareEngines } from '../shared/share-engines.ts';
import { startStoredReports, watchStoredReports, type StoredRoleState } from './stored-reports.ts';
import type { UnitState } from '../shared/units.ts';
import { guardUnheard } from './guard-unheard.ts';
import { guardWaiting } from './guard-waiting.ts';
import { watchOthers } from './watch-others.ts';

/** Roles with stages, which must all be there. */
const STAGE_ROLES = SPLIT_ROLES.filter((role) => role !== 'api');
/** Of a process without an API: reports, and nothing else. */
const FEW_CONNECTIONS = 2;

/** Starts a process in a role, with log and database on servers that all processes open for themselves. It works on any machine; of the
 *  roles of which one process does the work it is a standby until that process is gone. Throws APP_*. */
export async function startShared(role: ProcessRole, config: Config, deps: AppDeps, options: StartOptions = {}): Promise<RunningRole> {
  const { clock, log } = deps;
  const { stages, http } = ROLE_SPECS[role];
  const own = STAGE_ROLES.filter((one) => ROLE_SPECS[one].stages.some((stage) => stages.includes(stage)));
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    if (http) undo.push('lock of the API', lockDataDir(dir.root, process.pid, 'api').release);
    const metrics = createMetrics();
    const engines = shareEngines(config, dir, { clock, log, metrics, ...(http ? {} : { connections: FEW_CONNECTIONS }) });
    undo.push('log and database', () => engines.close());
    const pipeline = own.length === 0 ? undefined : startPipeline({ config, dir, role }, { clock, log, thread: options.pipelineThread });
    if (pipeline !== undefined) undo.push('pipeline', () => pipeline.stop());
    const stateIn = (one: ProcessRole): UnitState => pipeline?.state().roles?.[one] ?? 'starting';
    let heldSince = (): number | null => null;
    const reports = (): readonly StoredRoleState[] => [
      ...(http ? [{ role: 'api' as const, state: 'working' as const, checks: {}, isBehindNotified: false, heldSince: heldSince() }] : []),
      ...own.map((one) => ({ ...reportOf(pipeline), role: one, state: stateIn(one) })),
    ];
    const isOpen = (): boolean => engines.state() === 'up';
    // Stages that wait for the log do nothing yet: those who watch shall see their roles absent, not starting for as long as it is away.
    const written = () => reports().filter((one) => one.role === 'api' || isOpen());
    const failing = (): readonly FailingProcess[] => failingProcesses(dir.root);
    const stored = { database: engines.database, clock, log, isOpen: engines.hasDatabase };
    undo.push('reports', startStoredReports({ ...stored, failing }, written));
    const { watch, stop: stopWatch } = watchStoredReports(stored);
    undo.push('watch of other processes', stopWatch);
    const has = (one: ProcessRole): boolean => stateIn(one) === 'working';
    undo.push('self alerts', watchOthers(config, { ...deps, root: dir.root, database: engines.database }, { watch, has, own }));
    // Those with a role that notifies: the others have no receivers to know of.
    if (own.some((one) => one === 'data' || one === 'alert')) {
      const isWaiting = (): boolean => engines.hasDatabase() && !isOpen();
      const place = { ...deps, root: dir.root, database: engines.database };
      undo.push('guard while the log is away', guardWaiting(config, place, { watch, isWaiting, take: engines.takeRole }));
      const { bus, hasLog, hasDatabase } = engines;
      const turn = await openTurn(config, { log }, 'unheard');
      undo.push('guard while nobody is heard', guardUnheard(config, place, { watch, roles: STAGE_ROLES, bus, hasLog, hasDatabase, turn }));
    }
    undo.push('probe', await startProbe(config, { log, metrics, state: () => ({ role, roles: reports() }), pipeline, isOpen }));
    const running = http
      ? await serveApi(
          config,
          deps,
          options,
          {
            ...{ dir, engines, watch, others: STAGE_ROLES, isAlone: false, started: engines.opened, registry: metrics },
            metrics: () => (pipeline === undefined ? [] : [pipeline.state().metrics]),
            workers: createWindowWorkers(watch, () => ownWorkers(dir.root)),
            onSpool: (state) => (heldSince = createHeldNotice(state, clock)),
          },
          undo,
        )
      : undefined;
    await startedOrEnded(pipeline, options.signal);
    undo.push('collection of garbage', collectWhenIdle());
    undo.push('watch of the pipeline', () => pipeline?.prepareStop());
    return { address: running?.address ?? '', link: () => running?.link() ?? '', stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Waits for a start, which takes as long as its servers are away, or for the end of the process. */
async function startedOrEnded(pipeline: Pipeline | undefined, signal = new AbortController().signal): Promise<void> {
  if (pipeline === undefined) return;
  await untilAborted(pipeline.started, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function reportOf(pipeline: Pipeline | undefined): Omit<StoredRoleState, 'role' | 'state'> {
  if (pipeline === undefined) return { checks: {}, isBehindNotified: false };
  const { checks, standstill, isBehindNotified } = processStateOf(pipeline);
  return { checks, standstill, isBehindNotified };
}
