import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { respondDeps } from './respond-deps.ts';
import type { Bus } from '../bus/bus.ts';
import { isGuardianError } from '../errors.ts';
import { createReadSide, type ReadSide } from '../read/read-side.ts';
import type { StreamHub } from '../read/stream/stream-hub.ts';
import { nameOfId, type Directory } from '../auth/directory.ts';
import { createFeedbackService } from '../verdict/feedback-service.ts';
import type { Sessions } from '../http/auth.ts';
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
import type { Supervisor } from '../runbook/step/action.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { StageHealth } from '../stage.ts';
import { renderMetrics, type createMetrics } from '../telemetry/metrics.ts';
import type { Config } from '../config/config-schema.ts';
import type { DataHealth } from './data-losses.ts';
import { readLogProgress } from './log-progress.ts';
import { startConfiguredHeartbeat } from './heartbeat.ts';
import { createHealthReport } from './health-report.ts';
import type { Behind } from './behind.ts';
import { hostNames } from './listen.ts';
import { briefingDeps } from './briefings.ts';
import { incidentDeps } from './incident-deps.ts';
import type { ThreadedAnalyzer } from './threaded-analyzer.ts';
import type { SharedState } from './shared-state.ts';
import { startChat } from './start-chat.ts';
import { createRunbooks, type Runbooks } from './runbooks.ts';
import { createOnCallSide } from './on-call.ts';
import { notificationDeps } from './proof-stage.ts';
import { rememberExtent, type Spooling } from './spool.ts';
import { VERSION } from './version.ts';
import { oneWorker, type WindowWorkers } from './window-workers.ts';
import { createWhoActs } from './who-acts.ts';

const HUB_RETRY_MS = 1000;
const CONSOLE = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** What a server is made of. */
export interface ServerParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly behind: Behind;
  readonly analyzer: ThreadedAnalyzer;
  readonly ingest: Ingest;
  readonly sessions: Sessions;
  readonly shared: SharedState | null;
  readonly bus: Bus;
  /** Resolves when the log can be read. */
  readonly reachable: Promise<void>;
  readonly publishing: () => StageHealth;
  /** What holds accepted records while the log is away. */
  readonly spool?: Spooling | undefined;
  readonly disk: (() => StageHealth) | undefined;
  readonly data: (() => DataHealth) | undefined;
  readonly consoleLocale: Locale | undefined;
  readonly demoSpeed: (() => number) | undefined;
  readonly supervisor: Supervisor;
  /** Notes that a link is used, where other processes take the same ones. */
  readonly claimLink?: (token: string) => Promise<boolean>;
  /** Processes of this machine, where somebody supervises them. */
  readonly processes?: () => readonly SupervisedProcess[] | undefined;
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

function readSideOf(
  { config, clock, log, behind, spool, shared, consoleLocale, demoSpeed }: ServerParts,
  bus: Bus,
  directory: Directory,
): ReadSide {
  return createReadSide(
    { database: behind.database, bus, clock, log },
    {
      timeZone: config.time_zone,
      nameOf: nameOfId(directory),
      locale: consoleLocale,
      demoSpeed,
      liveWithinS: config.window.live_within_s,
      lateS: config.window.late_s,
      behindAfterMinutes: config.detect.behind_after_minutes,
      instance: randomUUID(),
      ...(spool === undefined ? {} : { spool: spool.state }),
      ...(shared === null ? {} : { answers: shared.answers }),
    },
  );
}

/** Builds the server. `showing` resolves when the event stream has read what it keeps. */
export async function buildServer(
  parts: ServerParts,
  undo: (name: string, step: () => Promise<void>) => void,
): Promise<{ readonly server: FastifyInstance; readonly showing: Promise<void>; readonly runbooks: Runbooks }> {
  const { config, clock, log, metrics, behind, ingest, sessions, shared, bus, analyzer } = parts;
  const { database } = behind;
  const base = (): string => (config.alert.external_url ?? server.listeningOrigin).replace(/\/+$/, '');
  const whoActs = createWhoActs({
    config,
    clock,
    log,
    root: parts.root,
    database,
    sessions,
    shared,
    base,
    isAlone: parts.claimLink === undefined,
  });
  // Whether the program is ready is asked from its start on: what that shows of the log is there when the brokers go away.
  const { asked, remembered } = parts.spool === undefined ? { asked: bus, remembered: bus } : rememberExtent(bus);
  const readSide = readSideOf(parts, remembered, whoActs.directory);
  const showing = parts.reachable.then(() => startHub(readSide.hub, log));
  showing.catch(() => undefined);
  undo('event stream', () => readSide.hub.stop());
  undo('late audit rows', whoActs.start(behind.started));
  let isStarting = true;
  Promise.all([behind.started, showing]).then(
    () => (isStarting = false),
    () => undefined,
  );
  const read = { readSide, language: createRequestLanguage(config.locale, whoActs.directory) };
  const acting = { database, clock, act: whoActs.act, language: read.language };
  const onCall = createOnCallSide(config, { ...parts, ...whoActs, database, language: read.language, ready: behind.started, undo });
  const responding = { database, language: read.language, respond: respondDeps(config, { act: whoActs.act, clock }) };
  const report = createHealthReport({
    behind,
    bus: asked,
    clock,
    version: VERSION,
    ...{ publishing: parts.publishing, spool: parts.spool?.health, disk: parts.disk, data: parts.data, processes: parts.processes },
    redis: shared?.health,
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
  const feedback = createFeedbackService({ database, clock, act: whoActs.act, nameOf: nameOfId(whoActs.directory) });
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
      ...{ ...whoActs, claimLink: parts.claimLink },
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
        (app) => registerSilenceRoutes(app, { ...responding, endForeign: chat.endForeign }),
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
