import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { secondsToMs } from '../../clock.ts';
import { RECENT_IDS } from '../../ingest/recent-ids.ts';
import type { KnownIds } from '../../ingest/known-ids.ts';
import { createSessions } from '../../http/auth.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { openIngest } from '../app.ts';
import { buildServer } from '../build-server.ts';
import type { Behind } from '../behind.ts';
import { createCountedIds } from '../counted-ids.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { loadSecret, prepareDataDir } from '../data-dir.ts';
import { loadEndedSessions } from '../ended-sessions.ts';
import { drainPipeline, watchOutbox } from '../drain.ts';
import { linkEngines, type LinkedEngines } from '../engines.ts';
import { collectWhenIdle } from '../idle-collection.ts';
import { listen, stopListening } from '../listen.ts';
import { sharingIds, startSharedState } from '../start-shared-state.ts';
import { startReports, type ProcessState } from '../process-report.ts';
import { createProcessWatch, type ProcessWatch } from '../process-watch.ts';
import { createPublishWatch } from '../publish-watch.ts';
import { SPLIT_ROLES } from '../roles.ts';
import type { StartRole } from '../running-role.ts';
import { splitHealth, splitStandstill } from '../split-health.ts';
import { createThreadedAnalyzer } from '../threaded-analyzer.ts';
import { noSupervisor } from '../supervisor.ts';
import { createWindowWorkers } from '../window-workers.ts';
import { createUndoStack } from '../undo-stack.ts';

const OTHERS = SPLIT_ROLES.filter((role) => role !== 'api');
const LINK_LOOK_MS = 50;
const WORKING: ProcessState = { state: 'working', checks: {}, isBehindNotified: false, metrics: [] };

/** Accepts transactions and answers questions, for stages that run in other processes. The port is open before those are there:
 *  what needs them answers 503 meanwhile, and `/health` names the role that is absent. */
export const start: StartRole = async (config, { clock, log, eventNow }, options = {}) => {
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
    const metrics = createMetrics();
    const shared = await startSharedState(config, { clock, log, metrics, undo });
    const sessions = createSessions(await loadSecret(dir, config.access.signing_secret), clock, {
      ended: loadEndedSessions(dir.root, log),
      shared: shared?.sessions,
    });
    measureRoles(metrics, watch);
    const analyzer = createThreadedAnalyzer(config, link);
    undo.push('analyzer', () => analyzer.stop());
    const stillMs = secondsToMs(config.watchdog.still_s);
    const ending = new AbortController();
    undo.push('waiting for the data process', () => ending.abort());
    const started = untilUp(link, ending.signal);
    const behind: Behind = {
      started,
      database: link.database,
      raw: link.raw,
      checks: () => splitHealth(watch, OTHERS),
      metrics: () => OTHERS.flatMap((role) => watch.view(role).reports).map((report) => report.metrics),
      forecast: analyzer.forecast,
      drained: () => drainPipeline({ relay: watchOutbox(link.database), bus: link.bus, database: link.database }),
      standstill: () => splitStandstill(watch, OTHERS, stillMs),
    };
    const publishing = createPublishWatch(link.bus, clock);
    const ingest = openIngest(config, { clock, log, metrics, eventNow, bus: publishing.bus, ...sharingIds(laterKnownIds(link), shared) });
    let address = '';
    const { server, runbooks } = await buildServer(
      {
        ...{ config, clock, log, metrics, behind, analyzer, ingest, sessions, shared },
        bus: link.bus,
        reachable: started,
        publishing: publishing.health,
        disk: undefined,
        data: undefined,
        consoleLocale: options.consoleLocale,
        demoSpeed: options.demoSpeed,
        supervisor: options.supervisor ?? noSupervisor(),
        workers: createWindowWorkers(watch, options.spawnWindow),
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
    undo.push(
      'report',
      startReports({ root: dir.root, role: 'api', clock, log }, async () => WORKING),
    );
    undo.push('collection of garbage', collectWhenIdle());
    return { address, link: () => `${address}/?token=${sessions.mintLink()}`, stop };
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

/** The log is asked for what is on it when the first id is: it may be away before. */
function laterKnownIds({ bus, database, raw }: LinkedEngines): KnownIds {
  let known: KnownIds | undefined;
  return async (ids) => {
    known ??= createCountedIds({ database, raw, bus }, { atStart: await bus.ranges(TOPICS.transactions), recentIds: RECENT_IDS });
    return known(ids);
  };
}

/** Which roles are there, for those who look at metrics alone. */
function measureRoles(metrics: Registry, watch: ProcessWatch): void {
  const processes = new Gauge({
    name: 'guardian_role_processes',
    help: 'Processes of a role that report; 0: it is absent.',
    labelNames: ['role'],
    registers: [metrics],
    collect: () => OTHERS.forEach((role) => processes.set({ role }, watch.view(role).reports.length)),
  });
  const silent = new Gauge({
    name: 'guardian_role_silent_seconds',
    help: 'Time since any process of a role was heard of; 0 while one reports.',
    labelNames: ['role'],
    registers: [metrics],
    collect: () => OTHERS.forEach((role) => silent.set({ role }, watch.view(role).silentMs / 1000)),
  });
}
