import { secondsToMs } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { serveApi } from '../api-server.ts';
import type { AppDeps, StartOptions } from '../app.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { prepareDataDir } from '../data-dir.ts';
import { collectWhenIdle } from '../idle-collection.ts';
import { startPipeline, type Pipeline } from '../pipeline.ts';
import { startProbe } from '../probe-server.ts';
import type { ProcessWatch } from '../process-watch.ts';
import { ROLE_SPECS, SPLIT_ROLES, type ProcessRole } from '../roles.ts';
import type { RunningRole } from '../running-role.ts';
import { absenceOf, failingIn, failingState, splitSelfState, splitStandstill } from '../split-health.ts';
import { startSelfAlerts } from '../start-self-alerts.ts';
import { processStateOf } from '../stage-process.ts';
import { failingProcesses, type FailingProcess } from '../supervise/supervisor-note.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { createUndoStack } from '../undo-stack.ts';
import { createWindowWorkers, ownWorkers } from '../window-workers.ts';
import { shareEngines } from './share-engines.ts';
import { openStoredSelfAlerts } from './stored-self-alerts.ts';
import { startStoredReports, watchStoredReports, type RoleState } from './stored-reports.ts';
import type { UnitState } from './units.ts';

/** Roles with stages, which must all be there. */
const STAGE_ROLES = SPLIT_ROLES.filter((role) => role !== 'api');
const LOOK_MS = 1000;
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
    const reports = (): readonly RoleState[] => [
      ...(http ? [{ role: 'api' as const, state: 'working' as const, checks: {}, isBehindNotified: false }] : []),
      ...own.map((one) => ({ ...reportOf(pipeline), role: one, state: stateIn(one) })),
    ];
    const isOpen = (): boolean => engines.state() === 'up';
    const failing = (): readonly FailingProcess[] => failingProcesses(dir.root);
    const stored = { database: engines.database, clock, log, isOpen };
    undo.push('reports', startStoredReports({ ...stored, failing }, reports));
    const { watch, stop: stopWatch } = watchStoredReports(stored);
    undo.push('watch of other processes', stopWatch);
    const has = (one: ProcessRole): boolean => stateIn(one) === 'working';
    undo.push('self alerts', watchOthers(config, { ...deps, root: dir.root, database: engines.database }, { watch, has, own }));
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
          },
          undo,
        )
      : undefined;
    await pipeline?.started;
    undo.push('collection of garbage', collectWhenIdle());
    undo.push('watch of the pipeline', () => pipeline?.prepareStop());
    return { address: running?.address ?? '', link: () => running?.link() ?? '', stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

function reportOf(pipeline: Pipeline | undefined): Omit<RoleState, 'role' | 'state'> {
  if (pipeline === undefined) return { checks: {}, isBehindNotified: false };
  const { checks, standstill, isBehindNotified } = processStateOf(pipeline);
  return { checks, standstill, isBehindNotified };
}

interface Watching {
  readonly watch: ProcessWatch;
  /** Whether this process does the work of a role now. */
  readonly has: (role: ProcessRole) => boolean;
  readonly own: readonly ProcessRole[];
}

/** Who has the role `data` notifies the receivers when another role is absent or stands still, or a process ends again and again; who has
 *  `alert` does when `data` is absent. A standby says nothing, and ends nothing that was said: whoever takes the role does. */
function watchOthers(
  config: Config,
  { clock, log, root, database }: AppDeps & { readonly root: string; readonly database: Database },
  { watch, has, own }: Watching,
): () => Promise<void> {
  const stillMs = secondsToMs(config.watchdog.still_s);
  const others = STAGE_ROLES.filter((one) => one !== 'data');
  // What was not heard of before this process had the role proves nothing: others were starting too, or nobody could be heard.
  const since = new Map<ProcessRole, number>();
  const isProven = (one: ProcessRole): boolean => {
    if (!has(one)) return since.delete(one) && false;
    since.set(one, since.get(one) ?? clock.monotonic());
    return clock.monotonic() - (since.get(one) ?? 0) > stillMs;
  };
  const asks: Readonly<Partial<Record<ProcessRole, Parameters<typeof startSelfAlerts>[2]>>> = {
    data: {
      detection_standstill: () => (isProven('data') ? splitSelfState(watch, splitStandstill(watch, others, stillMs), true) : null),
      process_failing: () => (has('data') ? failingState(failingIn(watch, SPLIT_ROLES), isProven('data')) : null),
    },
    alert: { detection_standstill: () => (isProven('alert') && !has('data') ? absenceOf(watch, 'data', stillMs) : null) },
  };
  const ends: (() => Promise<void>)[] = [];
  const begin = async (role: ProcessRole): Promise<void> => {
    const ask = asks[role];
    if (ask === undefined || !own.includes(role) || !has(role) || begun.has(role)) return;
    const stored = await openStoredSelfAlerts(database, role, log);
    begun.add(role);
    const end = startSelfAlerts(config, { clock, log, root, memory: stored.memory }, ask);
    ends.push(async () => {
      end();
      await stored.stop();
    });
  };
  const begun = new Set<ProcessRole>();
  const looking = repeat(async () => Promise.all([begin('data'), begin('alert')]).then(() => undefined), {
    ...{ everyMs: LOOK_MS, log, failure: 'failed to read which self-alerts fire, retrying' },
  });
  void looking.start();
  return async () => {
    await looking.stop();
    for (const end of ends) await end();
  };
}
