import { randomBytes } from 'node:crypto';

import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import { secondsToMs, type Clock } from '../clock.ts';
import { createSessions } from '../http/auth.ts';
import type { Supervisor } from '../runbook/step/action.ts';
import { createIngest, type Ingest, type IngestDeps } from '../ingest/ingest.ts';
import { RECENT_IDS } from '../ingest/recent-ids.ts';
import { createTransactionId } from '../ingest/transaction-id.ts';
import type { Database } from '../store/database.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Config } from '../config/config-schema.ts';
import { createDataHealth } from './data-losses.ts';
import { loadSecret, prepareDataDir, type DataDir } from './data-dir.ts';
import { closeToOthers } from './data-dir-modes.ts';
import { ageBeyondRetention, eventTimes } from './event-times.ts';
import { loadEndedSessions } from './ended-sessions.ts';
import { collectWhenIdle } from './idle-collection.ts';
import type { Behind } from './behind.ts';
import { drainPipeline, watchOutbox } from './drain.ts';
import { listen, stopListening } from './listen.ts';
import { startOwner } from './owner.ts';
import { startCanaries } from './canary.ts';
import { createThreadedAnalyzer } from './threaded-analyzer.ts';
import { createCountedIds } from './counted-ids.ts';
import { sharingIds, startSharedState } from './start-shared-state.ts';
import { diskStates, standstillOf } from './self-states.ts';
import { startSelfAlerts } from './start-self-alerts.ts';
import { buildServer, type ServerParts } from './build-server.ts';
import { noSupervisor } from './supervisor.ts';
import { createUndoStack } from './undo-stack.ts';

export interface AppDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Event time of records and heartbeats that carry none, epoch milliseconds; default: their arrival. */
  readonly eventNow?: (() => number) | undefined;
}

export interface StartOptions {
  /** Aborted when the process is to end: a start that waits for its servers is over then. */
  readonly signal?: AbortSignal;
  /** False: no port is opened; the app is used through `ingest` only. Default true. */
  readonly listen?: boolean;
  /** Language of the console; default: that of each browser. */
  readonly consoleLocale?: Locale | undefined;
  /** Of a demonstration: how many minutes of traffic come in a minute. */
  readonly demoSpeed?: (() => number) | undefined;
  /** File that runs in the pipeline's thread; default: the one that ships. */
  readonly pipelineThread?: URL;
  /** What starts this server again, for runbooks; with it, runs that an earlier process has left are gone on with, and alerts start
   *  runbooks. Without: a program inside of a command. */
  readonly supervisor?: Supervisor | undefined;
  /** Called when the port is open, which is before the pipeline works: transactions are accepted, the rest answers 503 and
   *  APP_STARTING. */
  readonly onListening?: (address: string) => void;
}

/** The whole product in one process. */
export interface App {
  /** Base address, e.g. `http://127.0.0.1:8001`; '' when it does not listen. */
  readonly address: string;
  /** A console address with a token that works once. */
  link(): string;
  readonly ingest: Ingest;
  readonly database: Database;
  /** Resolves when everything accepted before the call is counted, scored and made into alerts. */
  drained(): Promise<void>;
  /** Stops intake, drains, commits and closes, within one deadline. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts everything that the configuration asks for. To accept needs only the log: the port opens while the thread with the
 *  database and the detector is still starting. Resolves when all of it works. A start that fails half-way is undone by the
 *  same steps as a stop. Throws APP_DATA_DIR, APP_ALREADY_RUNNING, APP_PORT_IN_USE, STORE_*. */
export async function startApp(config: Config, { clock, log, eventNow }: AppDeps, options: StartOptions = {}): Promise<App> {
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    const metrics = createMetrics();
    const shared = await startSharedState(config, { clock, log, metrics, undo });
    const sessions = createSessions(await loadSecret(dir, config.access.signing_secret), clock, {
      ended: loadEndedSessions(dir.root, log),
      shared: shared?.sessions,
    });
    const { bus, intake, pipeline, disk, publishing } = await startOwner(config, dir, 'all', {
      clock,
      log,
      metrics,
      undo,
      thread: options.pipelineThread,
    });
    const atStart = await bus.ranges(TOPICS.transactions);
    const knownIds = createCountedIds({ database: pipeline.database, raw: pipeline.raw, bus }, { atStart, recentIds: RECENT_IDS });
    const ingest = openIngest(config, { clock, log, metrics, eventNow, bus: intake, ...sharingIds(knownIds, shared) });
    await startCanaries(config, { ingest, clock, log }, undo.push);
    const analyzer = createThreadedAnalyzer(config, { database: pipeline.database, bus });
    undo.push('analyzer', () => analyzer.stop());
    const drained = (): Promise<void> => drainPipeline({ relay: watchOutbox(pipeline.database), bus, database: pipeline.database });
    const behind: Behind = {
      ...{ started: pipeline.started, database: pipeline.database, raw: pipeline.raw, standstill: pipeline.standstill },
      checks: () => pipeline.state().checks,
      metrics: () => [pipeline.state().metrics],
      forecast: analyzer.forecast,
      drained,
    };
    const parts: Omit<ServerParts, 'root' | 'address'> = {
      analyzer,
      config,
      clock,
      log,
      metrics,
      behind,
      ingest,
      sessions,
      shared,
      bus,
      reachable: Promise.resolve(),
      publishing,
      disk: disk.health,
      data: createDataHealth(dir.root, clock),
      consoleLocale: options.consoleLocale,
      demoSpeed: options.demoSpeed,
      supervisor: options.supervisor ?? noSupervisor(),
    };
    undo.push(
      'self alerts',
      startSelfAlerts(
        config,
        { clock, log, root: dir.root },
        {
          detection_standstill: () => standstillOf(pipeline),
          ...diskStates(disk),
        },
      ).end,
    );
    let address = '';
    if (options.listen !== false) {
      const { server, showing, runbooks } = await buildServer({ ...parts, root: dir.root, address: () => address }, undo.push);
      undo.push('http server', () => stopListening(server));
      address = await listen(server, config.http);
      options.onListening?.(address);
      await Promise.all([pipeline.started, showing]);
      if (options.supervisor !== undefined) {
        undo.push('runbooks', runbooks.stop);
        await runbooks.start();
      }
    }
    await pipeline.started;
    await closeDataDir(dir, log);
    undo.push('collection of garbage', collectWhenIdle());
    // The first step of a stop: requests that wait for a thread that hangs would hold up every other step.
    undo.push('watch of the pipeline', () => pipeline.prepareStop());
    return {
      address,
      link: () => `${address}/?token=${sessions.mintLink()}`,
      ingest,
      database: pipeline.database,
      drained,
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** The database engine makes its first files writable for all, so this comes after it. */
export async function closeDataDir(dir: DataDir, log: Logger): Promise<void> {
  const open = await closeToOthers(dir.root);
  if (open.length > 0) log.warn({ paths: open.slice(0, 5), count: open.length }, 'files in the data directory are readable by other users');
}

export function openIngest(config: Config, deps: AppDeps & Pick<IngestDeps, 'bus' | 'metrics' | 'knownIds' | 'onAccepted'>): Ingest {
  const beyond = ageBeyondRetention(config);
  if (beyond !== null)
    deps.log.warn(beyond, 'ingest.max_age_days is more than store.count_retention_days: records older than the latter are refused');
  return createIngest(
    {
      ...deps,
      newId: createTransactionId(deps.clock, randomBytes),
    },
    {
      ...eventTimes(config),
      maxPendingRecords: config.ingest.max_pending_records,
    },
  );
}
