import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { secondsToMs, type Clock } from '../clock.ts';
import { respondDeps } from './respond-deps.ts';
import { createReadSide } from '../read/read-side.ts';
import { createFeedbackService } from '../verdict/feedback-service.ts';
import { createSessions, type Sessions } from '../http/auth.ts';
import { createRequestLanguage } from '../http/request-language.ts';
import { registerAccessRoutes } from '../http/routes/access.ts';
import { registerAlertRoutes } from '../http/routes/alerts.ts';
import { registerAuditRoute } from '../http/routes/audit.ts';
import { registerAnomalyRoutes } from '../http/routes/anomalies.ts';
import { registerChatRoute } from '../http/routes/chat.ts';
import { registerFeedbackRoutes } from '../http/routes/feedback.ts';
import { registerForecastRoute } from '../http/routes/forecast.ts';
import { registerMaintenanceRoutes } from '../http/routes/maintenance.ts';
import { registerMerchantRoutes } from '../http/routes/merchants.ts';
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
import { readRows } from '../raw/rows/raw-rows.ts';
import type { StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { createMetrics, renderMetrics, type MetricsDump } from '../telemetry/metrics.ts';
import type { Config } from '../config/config-schema.ts';
import { dataHealth, lossNotes, toLoss, type DataHealth } from './data-losses.ts';
import { loadSecret, prepareDataDir, type DataDir } from './data-dir.ts';
import { closeToOthers } from './data-dir-modes.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { ageBeyondRetention, eventTimes } from './event-times.ts';
import { readLogProgress } from './log-progress.ts';
import { loadEndedSessions } from './ended-sessions.ts';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';
import { openEngineOfLog, quarantineDamaged, type Log } from './engines.ts';
import { createHealthReport } from './health-report.ts';
import { collectWhenIdle } from './idle-collection.ts';
import { listen, stopListening } from './listen.ts';
import { startPipeline, type Pipeline } from './pipeline.ts';
import { createPublishWatch } from './publish-watch.ts';
import { createThreadedAnalyzer } from './threaded-analyzer.ts';
import { createRetentionFloor } from './retention-floor.ts';
import { createCountedIds } from './counted-ids.ts';
import { createUncounted } from './uncounted.ts';
import { diskStates, standstillOf } from './self-states.ts';
import { startChat } from './start-chat.ts';
import { startSelfAlerts } from './start-self-alerts.ts';
import { createRunbooks, type Runbooks } from './runbooks.ts';
import { noSupervisor } from './supervisor.ts';
import { createUndoStack } from './undo-stack.ts';
import { VERSION } from './version.ts';
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

const DISK_LOOK_MS = 5000;
const CONSOLE = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Starts everything that the configuration asks for. To accept needs only the log: the port opens while the thread with the
 *  database and the detector is still starting. Resolves when all of it works. A start that fails half-way is undone by the
 *  same steps as a stop. Throws APP_DATA_DIR, APP_ALREADY_RUNNING, APP_PORT_IN_USE, STORE_*. */
export async function startApp(config: Config, { clock, log, eventNow }: AppDeps, options: StartOptions = {}): Promise<App> {
  const undo = createUndoStack(log);
  const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));
  try {
    const dir = await prepareDataDir(config.data_dir);
    const lock = lockDataDir(dir.root, process.pid);
    undo.push('lock of the data directory', lock.release);
    const sessions = createSessions(await loadSecret(dir), clock, { ended: loadEndedSessions(dir.root, log) });
    const metrics = createMetrics();

    const running: { pipeline?: Pipeline } = {};
    for (const file of await quarantineDamaged(dir, clock.now())) {
      log.error({ ...file }, 'damaged log file quarantined and replaced by an empty one');
      lossNotes(dir.root, { clock, log })(toLoss(file));
    }
    const bus = await openEngineOfLog(config, dir, {
      floor: createRetentionFloor(() => running.pipeline?.database, clock),
      clock,
      log,
      metrics,
      writer: 'thread',
      maxPendingRecords: config.ingest.max_pending_records,
    });
    undo.push('bus', () => bus.close());
    const pipeline = startPipeline({ config, dir }, { clock, log, thread: options.pipelineThread });
    running.pipeline = pipeline;
    undo.push('pipeline', () => pipeline.stop());

    const uncounted = createUncounted({ bus, database: pipeline.database });
    const disk = createDiskWatch(dir.root, { clock, log, metrics, uncounted: uncounted.records });
    undo.push('watch of the disk', watchDisk(disk, uncounted.look));
    const watch = createPublishWatch(bus, clock, disk.noRoom);
    const atStart = await bus.ranges(TOPICS.transactions);
    const knownIds = createCountedIds(
      { database: pipeline.database, raw: readRows(pipeline.database), bus },
      { atStart, recentIds: RECENT_IDS },
    );
    const ingest = openIngest(config, { clock, log, metrics, eventNow, bus: watch.bus, knownIds });
    const parts: Omit<Parts, 'root' | 'address'> = {
      config,
      clock,
      log,
      metrics,
      pipeline,
      ingest,
      sessions,
      bus,
      publishing: watch.health,
      disk: disk.health,
      data: () => dataHealth(dir.root, clock),
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
      drained: pipeline.drained,
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** The database engine makes its first files writable for all, so this comes after it. */
async function closeDataDir(dir: DataDir, log: Logger): Promise<void> {
  const open = await closeToOthers(dir.root);
  if (open.length > 0) log.warn({ paths: open.slice(0, 5), count: open.length }, 'files in the data directory are readable by other users');
}

function watchDisk(disk: DiskWatch, before: () => void): () => void {
  const look = (): void => {
    before();
    disk.look();
  };
  // A disk that is full at the start takes no transaction either.
  look();
  const timer = setInterval(look, DISK_LOOK_MS).unref();
  return () => clearInterval(timer);
}

function openIngest(config: Config, deps: AppDeps & Pick<IngestDeps, 'bus' | 'metrics' | 'knownIds'>): Ingest {
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

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly pipeline: Pipeline;
  readonly ingest: Ingest;
  readonly sessions: Sessions;
  readonly bus: Log;
  readonly publishing: () => StageHealth;
  readonly disk: () => StageHealth;
  readonly data: () => DataHealth;
  readonly consoleLocale: Locale | undefined;
  readonly demoSpeed: (() => number) | undefined;
  readonly supervisor: Supervisor;
  /** Data directory, absolute. */
  readonly root: string;
  /** Base address, once it listens. */
  readonly address: () => string;
}

/** Builds the server. `showing` resolves when the event stream has read what it keeps. */
async function buildServer(
  parts: Parts,
  undo: (name: string, step: () => Promise<void>) => void,
): Promise<{ readonly server: FastifyInstance; readonly showing: Promise<void>; readonly runbooks: Runbooks }> {
  const { config, clock, log, metrics, pipeline, ingest, sessions, bus } = parts;
  const { database } = pipeline;
  const base = (): string => (config.alert.external_url ?? server.listeningOrigin).replace(/\/+$/, '');
  const whoActs = createWhoActs({ config, clock, log, root: parts.root, database, sessions, base });
  const analyzer = createThreadedAnalyzer(config, database);
  undo('analyzer', () => analyzer.stop());
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
  const showing = readSide.hub.start();
  showing.catch(() => undefined);
  undo('event stream', () => readSide.hub.stop());
  const endWhoActs = whoActs.start(pipeline.started);
  undo('late audit rows', async () => endWhoActs());
  let isStarting = true;
  Promise.all([pipeline.started, showing]).then(
    () => (isStarting = false),
    () => undefined,
  );
  const read = { readSide, language: createRequestLanguage(config.locale) };
  const responding = { database, language: read.language, respond: respondDeps(config, { act: whoActs.act, clock }) };
  const report = createHealthReport({
    pipeline,
    bus,
    clock,
    version: VERSION,
    publishing: parts.publishing,
    disk: parts.disk,
    data: parts.data,
    judgement: readSide.stats.judgement,
  });
  const allMetrics: ServerDeps['renderMetrics'] = async (format) =>
    renderMetrics(metrics, format, [(await pipeline.metrics()) as unknown as MetricsDump]);
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
      root: parts.root,
      address: parts.address,
    },
    ...{ directory: whoActs.directory, respond: responding.respond },
    ...{ health: report.health, drained: pipeline.drained, language: read.language, renderMetrics: () => allMetrics('text') },
  });
  const feedback = createFeedbackService({ database, clock, act: whoActs.act });
  const { minutes, stats } = readSide;
  const chat = startChat({
    config,
    log,
    metrics,
    data: { database, clock, stats, minutes, health: report.health, forecast: pipeline.forecast },
    acts: { feedback },
    ...whoActs,
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
      findTransaction: (id) => readRows(database).find(id),
      analyze: analyzer.analyze,
      health: report.health,
      ready: report.ready,
      routes: [
        (app) => registerStatsRoutes(app, read),
        (app) => registerProgressRoute(app, { read: () => readLogProgress({ bus, database }) }),
        (app) => registerSeriesRoutes(app, read),
        (app) => registerForecastRoute(app, { forecast: pipeline.forecast, language: read.language }),
        (app) => registerAnomalyRoutes(app, read),
        (app) => registerFeedbackRoutes(app, { feedback, language: read.language }),
        (app) => registerChatRoute(app, { chat: chat.chat, language: read.language }),
        (app) => registerAccessRoutes(app, whoActs),
        (app) => registerAuditRoute(app, { database, language: read.language }),
        runbooks.registerRoutes,
        (app) => registerAlertRoutes(app, read),
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
      hosts: [config.http.host],
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
