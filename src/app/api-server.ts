import { createHash } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { secondsToMs } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { createSessions, LINK_TTL_MS } from '../http/auth.ts';
import { RECENT_IDS } from '../ingest/recent-ids.ts';
import type { KnownIds } from '../ingest/known-ids.ts';
import { noteLinkUse } from '../store/verbs/access/note-link-use.ts';
import type { MetricsDump } from '../telemetry/metrics.ts';
import { startCanaries } from './canary.ts';
import { openIngest, type AppDeps, type StartOptions } from './app.ts';
import { buildServer } from './build-server.ts';
import type { Behind } from './behind.ts';
import { createCountedIds } from './counted-ids.ts';
import { loadSecret, type DataDir } from './data-dir.ts';
import { loadEndedSessions } from './ended-sessions.ts';
import { drainPipeline, watchOutbox } from './drain.ts';
import type { LinkedEngines } from './engines.ts';
import { listen, stopListening } from './listen.ts';
import type { ProcessWatch } from './process-watch.ts';
import { createPublishWatch } from './publish-watch.ts';
import { sharingIds, startSharedState } from './start-shared-state.ts';
import type { ProcessRole } from './roles.ts';
import type { RunningRole } from './running-role.ts';
import { failingHealth, splitHealth, splitStandstill } from './split-health.ts';
import type { ProcessView } from './supervise/supervised-process.ts';
import { measureProcesses } from './supervise/measure-processes.ts';
import { failingProcesses, ownSupervisorNote } from './supervise/supervisor-note.ts';
import { createThreadedAnalyzer } from './threaded-analyzer.ts';
import { isShared } from './is-shared.ts';
import { startSpool } from './spool.ts';
import type { SpoolState } from '../bus/bus.ts';
import { noSupervisor } from './supervisor.ts';
import type { WindowWorkers } from './window-workers.ts';
import type { UndoStack } from './undo-stack.ts';

/** What an API works on whose stages run in other processes. */
export interface ApiGround {
  readonly dir: DataDir;
  readonly engines: LinkedEngines;
  /** Resolves when log and database can be asked. */
  readonly started: Promise<void>;
  readonly watch: ProcessWatch;
  /** Roles that must be there. */
  readonly others: readonly ProcessRole[];
  /** Where this process measures itself. */
  readonly registry: Registry;
  /** Metrics of other threads and processes. */
  readonly metrics: () => readonly MetricsDump[];
  readonly workers: WindowWorkers;
  /** False where other processes accept transactions and open sessions too: then the database says what was used, ended and counted. */
  readonly isAlone: boolean;
  /** Called with the state of the spool once there is one. */
  readonly onSpool?: (state: () => SpoolState) => void;
}

/** Opens the port and serves. The port is open before the others are there: what needs them answers 503 meanwhile, and `/health` names the
 *  role that is absent. Throws APP_PORT_IN_USE. */
export async function serveApi(
  config: Config,
  { clock, log, eventNow }: AppDeps,
  options: StartOptions,
  ground: ApiGround,
  undo: UndoStack,
): Promise<Omit<RunningRole, 'stop'>> {
  const { dir, engines, watch, others, started, isAlone, registry: metrics } = ground;
  const shared = await startSharedState(config, { clock, log, metrics, undo });
  const sessions = createSessions(await loadSecret(dir, config.access.signing_secret), clock, {
    ended: loadEndedSessions(dir.root, log),
    shared: shared?.sessions,
  });
  measureRoles(metrics, watch, others);
  const processes = (): readonly ProcessView[] | undefined => ownSupervisorNote(dir.root)?.processes;
  measureProcesses(metrics, processes);
  const analyzer = createThreadedAnalyzer(config, engines);
  undo.push('analyzer', () => analyzer.stop());
  const behind: Behind = {
    ...{ started, database: engines.database, raw: engines.raw, metrics: ground.metrics },
    checks: () => ({ ...splitHealth(watch, others), ...failingHealth(failingProcesses(dir.root)) }),
    forecast: analyzer.forecast,
    drained: () => drainPipeline({ relay: watchOutbox(engines.database), bus: engines.bus, database: engines.database }),
    standstill: () => splitStandstill(watch, others, secondsToMs(config.watchdog.still_s)),
  };
  const spool = isShared(config) ? await startSpool(config, { root: dir.root, bus: engines.bus, clock, log, metrics, undo }) : undefined;
  if (spool !== undefined) ground.onSpool?.(spool.state);
  const publishing = createPublishWatch(spool ?? engines.bus, clock);
  const knownIds = laterKnownIds(engines, isAlone);
  const ingest = openIngest(config, { clock, log, metrics, eventNow, bus: publishing.bus, ...sharingIds(knownIds, shared) });
  await startCanaries(config, { ingest, clock, log }, undo.push);
  const claimLink = (token: string): Promise<boolean> =>
    noteLinkUse(engines.database, createHash('sha256').update(token).digest('hex'), {
      now: clock.now(),
      expiresAt: clock.now() + LINK_TTL_MS,
    });
  let address = '';
  const { server, runbooks } = await buildServer(
    {
      ...{ config, clock, log, metrics, behind, analyzer, ingest, sessions, shared },
      ...{ bus: engines.bus, reachable: started, publishing: publishing.health, spool, workers: ground.workers, processes },
      ...{ disk: undefined, data: undefined, consoleLocale: options.consoleLocale, demoSpeed: options.demoSpeed },
      ...(isAlone ? {} : { claimLink }),
      supervisor: options.supervisor ?? noSupervisor(),
      root: dir.root,
      address: () => address,
    },
    undo.push,
  );
  undo.push('http server', () => stopListening(server));
  address = await listen(server, config.http);
  options.onListening?.(address);
  if (options.supervisor !== undefined) {
    undo.push('runbooks', runbooks.stop);
    const begin = (): Promise<void> => runbooks.start();
    started.then(begin).catch((error: unknown) => log.error({ err: error }, 'failed to start runbooks'));
  }
  return { address, link: () => `${address}/?token=${sessions.mintLink()}` };
}

/** The log is asked for what is on it when the first id is: it may be away before. */
function laterKnownIds({ bus, database, raw }: LinkedEngines, isAlone: boolean): KnownIds {
  let known: KnownIds | undefined;
  return async (ids) => {
    known ??= createCountedIds(
      { database, raw, bus },
      {
        atStart: await bus.ranges(TOPICS.transactions),
        // What another process has accepted and nobody has counted yet, nobody knows here.
        recentIds: isAlone ? RECENT_IDS : 0,
      },
    );
    return known(ids);
  };
}

/** Which roles are there, for those who look at metrics alone. */
function measureRoles(metrics: Registry, watch: ProcessWatch, others: readonly ProcessRole[]): void {
  const processes = new Gauge({
    name: 'guardian_role_processes',
    help: 'Processes of a role that report; 0: it is absent.',
    labelNames: ['role'],
    registers: [metrics],
    collect: () => others.forEach((role) => processes.set({ role }, watch.view(role).reports.length)),
  });
  const silent = new Gauge({
    name: 'guardian_role_silent_seconds',
    help: 'Time since any process of a role was heard of; 0 while one reports.',
    labelNames: ['role'],
    registers: [metrics],
    collect: () => others.forEach((role) => silent.set({ role }, watch.view(role).silentMs / 1000)),
  });
}
