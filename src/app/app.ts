import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { secondsToMs, type Clock } from '../clock.ts';
import { respondDeps } from './respond-deps.ts';
import type { Bus } from '../bus/bus.ts';
import { isGuardianError } from '../errors.ts';
import { createReadSide } from '../read/read-side.ts';
import type { StreamHub } from '../read/stream/stream-hub.ts';
import { createFeedbackService } from '../verdict/feedback-service.ts';
import { createSessions, type Sessions } from '../http/auth.ts';
import { createRequestLanguage } from '../http/request-language.ts';
import { registerAccessRoutes } from '../http/routes/access.ts';
import { registerAlertDetailRoute } from '../http/routes/alert-detail.ts';
import { registerAlertRoutes } from '../http/routes/alerts.ts';
import { registerAuditRoute } from '../http/routes/audit.ts';
import { registerAnomalyRoutes } from '../http/routes/anomalies.ts';
import { registerChatRoute } from '../http/routes/chat.ts';
import { registerFeedbackRoutes } from '../http/routes/feedback.ts';
import { registerBriefingRoutes } from '../http/routes/briefings.ts';
import { registerIncidentRoutes } from '../http/routes/incidents.ts';
import { registerForecastRoute } from '../http/routes/forecast.ts';
import { registerMaintenanceRoutes } from '../http/routes/maintenance.ts';
import { registerMerchantRoutes } from '../http/routes/merchants.ts';
import { registerNotificationRoutes } from '../http/routes/notifications.ts';
import { registerRespondRoutes } from '../http/routes/respond.ts';
import { registerSilenceRoutes } from '../http/routes/silences.ts';
import { registerSeriesRoutes } from '../http/routes/series.ts';
import { registerProgressRoute } from '../http/routes/progress.ts';
import { registerStatsRoutes } from '../http/routes/stats.ts';
import { registerStreamRoutes } from '../http/routes/stream.ts';
import { createServer, type ServerDeps } from '../http/server.ts';
import type { Supervisor } from '../runbook/action.ts';
import { createIngest, type Ingest, type IngestDeps } from '../ingest/ingest.ts';
import { RECENT_IDS } from '../ingest/recent-ids.ts';
import { createTransactionId } from '../ingest/transaction-id.ts';
import type { StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { createMetrics, renderMetrics } from '../telemetry/metrics.ts';
import type { Config } from '../config/config-schema.ts';
import { createDataHealth, type DataHealth } from './data-losses.ts';
import { loadSecret, prepareDataDir, type DataDir } from './data-dir.ts';
import { closeToOthers } from './data-dir-modes.ts';
import { ageBeyondRetention, eventTimes } from './event-times.ts';
import { readLogProgress } from './log-progress.ts';
import { loadEndedSessions } from './ended-sessions.ts';
import { startConfiguredHeartbeat } from './heartbeat.ts';
import { createHealthReport } from './health-report.ts';
import { collectWhenIdle } from './idle-collection.ts';
import type { Behind } from './behind.ts';
import { briefingDeps } from './briefings.ts';
import { incidentDeps } from './incident-deps.ts';
import { drainPipeline, watchOutbox } from './drain.ts';
import { hostNames, listen, stopListening } from './listen.ts';
import { startOwner } from './owner.ts';
import { createThreadedAnalyzer, type ThreadedAnalyzer } from './threaded-analyzer.ts';
import { createCountedIds } from './counted-ids.ts';
import { diskStates, standstillOf } from './self-states.ts';
import { startChat } from './start-chat.ts';
import { startSelfAlerts } from './start-self-alerts.ts';
import { createRunbooks, type Runbooks } from './runbooks.ts';
import { noSupervisor } from './supervisor.ts';
import { createOnCallSide } from './on-call.ts';
import { notificationDeps } from './proof-stage.ts';
import { createUndoStack } from './undo-stack.ts';
import { VERSION } from './version.ts';
import { oneWorker, type WindowWorkers } from './window-workers.ts';
import { createWhoActs } from './who-acts.ts';

export interface AppDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Event time of records and heartbeats that carry none, epoch milliseconds; default: their arrival. */
  readonly eventNow?: (() => number) | undefined;
}

export interface StartOptions {
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
  /** Starts one more process that counts, on the same data directory, which ends with this one. */
  readonly spawnWindow?: (() => ChildProcess) | undefined;
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

const HUB_RETRY_MS = 1000;
const CONSOLE = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Starts everything that the configuration asks for. To accept needs only the log: the port opens while the thread with the
 *  database and the detector is still starting. Resolves when all of it works. A start that fails half-way is undone by the
 *  same steps as a stop. Throws APP_DATA_DIR, APP_ALREADY_RUNNING, APP_PORT_IN_USE, STORE_*. */
export async function startApp(config: Config, { clock, log, eventNow }: AppDeps, options: StartOptions = {}): Promise<App> {
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    const sessions = createSessions(await loadSecret(dir, config.access.signing_secret), clock, {
      ended: loadEndedSessions(dir.root, log),
    });
    const metrics = createMetrics();

    const { bus, intake, pipeline, disk, publishing } = await startOwner(config, dir, 'all', {
      clock,
      log,
      metrics,
      undo,
      thread: options.pipelineThread,
    });
    const atStart = await bus.ranges(TOPICS.transactions);
    const knownIds = createCountedIds({ database: pipeline.database, raw: pipeline.raw, bus }, { atStart, recentIds: RECENT_IDS });
    const ingest = openIngest(config, { clock, log, metrics, eventNow, bus: intake, knownIds });
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
      ),
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

export function openIngest(config: Config, deps: AppDeps & Pick<IngestDeps, 'bus' | 'metrics' | 'knownIds'>): Ingest {
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

export interface ServerParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly behind: Behind;
  readonly analyzer: ThreadedAnalyzer;
  readonly ingest: Ingest;
  readonly sessions: Sessions;
  readonly bus: Bus;
  /** Resolves when the log can be read. */
  readonly reachable: Promise<void>;
  readonly publishing: () => StageHealth;
  readonly disk: (() => StageHealth) | undefined;
  readonly data: (() => DataHealth) | undefined;
  readonly consoleLocale: Locale | undefined;
  readonly demoSpeed: (() => number) | undefined;
  readonly supervisor: Supervisor;
  /** Who counts; default this process alone. */
  readonly workers?: WindowWorkers;
  /** Data directory, absolute. */
  readonly root: string;
  /** Base address, once it listens. */
  readonly address: () => string;
}

/** A log that is away again before the stream has read what it keeps is waited for. */
async function startHub(hub: StreamHub, log: Logger): Promise<void> {
  for (;;) {
    try {
      return await hub.start();
    } catch (error) {
      if (!isGuardianError(error, 'BUS_UNAVAILABLE') || !error.retryable) throw error;
      log.warn({ reason: error.message }, 'event stream cannot read the log yet, retrying');
      await delay(HUB_RETRY_MS);
    }
  }
}

/** Builds the server. `showing` resolves when the event stream has read what it keeps. */
export async function buildServer(
  parts: ServerParts,
  undo: (name: string, step: () => Promise<void>) => void,
): Promise<{ readonly server: FastifyInstance; readonly showing: Promise<void>; readonly runbooks: Runbooks }> {
  const { config, clock, log, metrics, behind, ingest, sessions, bus, analyzer } = parts;
  const { database } = behind;
  const base = (): string => (config.alert.external_url ?? server.listeningOrigin).replace(/\/+$/, '');
  const whoActs = createWhoActs({ config, clock, log, root: parts.root, database, sessions, base });
  const readSide = createReadSide(
    { database, bus, clock, log },
    {
      timeZone: config.time_zone,
      locale: parts.consoleLocale,
      demoSpeed: parts.demoSpeed,
      liveWithinS: config.window.live_within_s,
      lateS: config.window.late_s,
      behindAfterMinutes: config.detect.behind_after_minutes,
      instance: randomUUID(),
    },
  );
  const showing = parts.reachable.then(() => startHub(readSide.hub, log));
  showing.catch(() => undefined);
  undo('event stream', () => readSide.hub.stop());
  undo('late audit rows', whoActs.start(behind.started));
  let isStarting = true;
  Promise.all([behind.started, showing]).then(
    () => (isStarting = false),
    () => undefined,
  );
  const read = { readSide, language: createRequestLanguage(config.locale) };
  const acting = { database, clock, act: whoActs.act, language: read.language };
  const onCall = createOnCallSide(config, { ...parts, ...whoActs, database, language: read.language, ready: behind.started, undo });
  const responding = { database, language: read.language, respond: respondDeps(config, { act: whoActs.act, clock }) };
  const report = createHealthReport({
    behind,
    bus,
    clock,
    version: VERSION,
    publishing: parts.publishing,
    disk: parts.disk,
    data: parts.data,
    judgement: readSide.stats.judgement,
  });
  await startConfiguredHeartbeat(config, { clock, log, metrics, health: report.health }, undo);
  const allMetrics: ServerDeps['renderMetrics'] = async (format) => renderMetrics(metrics, format, behind.metrics());
  const runbooks = createRunbooks({
    ...{
      config,
      clock,
      log,
      database,
      bus,
      act: whoActs.act,
      readSide,
      supervisor: parts.supervisor,
      workers: parts.workers ?? oneWorker,
      root: parts.root,
      address: parts.address,
    },
    ...{ directory: whoActs.directory, respond: responding.respond },
    ...{ health: report.health, drained: behind.drained, language: read.language, renderMetrics: () => allMetrics('text') },
  });
  const feedback = createFeedbackService({ database, clock, act: whoActs.act });
  const incidents = incidentDeps(config, { database, clock, act: whoActs.act, language: read.language });
  const briefings = briefingDeps(config, { ...acting, ...responding, stats: readSide.stats });
  const chat = startChat({
    ...{ config, log, metrics, ...whoActs },
    data: { ...readSide, clock, health: report.health, forecast: behind.forecast },
    acts: { ...onCall, ...briefings, ...incidents, feedback, runbooks, respond: responding.respond, signIn: whoActs.access },
  });
  undo('chat', chat.stop);
  const server = await createServer(
    {
      ingest,
      clock,
      log,
      metrics,
      sessions,
      ...whoActs,
      renderMetrics: allMetrics,
      findTransaction: behind.raw.find,
      analyze: analyzer.analyze,
      health: report.health,
      ready: report.ready,
      routes: [
        ...[registerStatsRoutes, registerSeriesRoutes, registerAnomalyRoutes].map((add) => (app: FastifyInstance) => add(app, read)),
        (app) => registerProgressRoute(app, { read: () => readLogProgress({ bus, database }) }),
        (app) => registerForecastRoute(app, { forecast: behind.forecast, language: read.language }),
        (app) => registerFeedbackRoutes(app, { feedback, language: read.language }),
        (app) => registerChatRoute(app, { chat: chat.chat, language: read.language }),
        (app) => registerAccessRoutes(app, { ...whoActs, language: read.language }),
        (app) => registerIncidentRoutes(app, incidents),
        (app) => registerBriefingRoutes(app, briefings),
        onCall.registerRoutes,
        (app) => registerAuditRoute(app, { database, language: read.language }),
        runbooks.registerRoutes,
        (app) => registerAlertRoutes(app, read),
        (app) => registerAlertDetailRoute(app, { ...read, clock, directory: whoActs.directory }),
        (app) => registerNotificationRoutes(app, notificationDeps(config, acting)),
        (app) => registerRespondRoutes(app, responding),
        (app) => registerSilenceRoutes(app, responding),
        (app) => registerMaintenanceRoutes(app, responding),
        (app) => registerMerchantRoutes(app, read),
        (app) => registerStreamRoutes(app, { ...read, sessions, isStarting: () => isStarting }),
      ],
    },
    {
      version: VERSION,
      locale: config.locale,
      hosts: hostNames(config),
      trustLocal: config.http.trust_local,
      maxBodyBytes: config.http.max_body_bytes,
      maxLineBytes: config.http.max_line_bytes,
      idleTimeoutMs: config.http.request_timeout_ms,
      consoleDirectory: CONSOLE,
      run: randomBytes(3).toString('hex'),
    },
  );
  return { server, showing, runbooks };
}
