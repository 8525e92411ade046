import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, release, totalmem } from 'node:os';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Logger } from 'pino';
import type { Act } from '../auth/act.ts';
import type { Directory } from '../auth/directory.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { hideSecrets, listSettings } from '../config/config-settings.ts';
import type { Config } from '../config/config-schema.ts';
import { registerRunbookRoutes } from '../http/routes/runbook-runs.ts';
import { createTransactionId } from '../ingest/transaction-id.ts';
import type { ReadSide } from '../read/read-side.ts';
import type { RespondDeps } from '../respond/act.ts';
import type { Supervisor } from '../runbook/step/action.ts';
import { createCatalogue, type Catalogue } from '../runbook/catalogue.ts';
import { progressText } from '../runbook/progress-text.ts';
import { createRunChanges, type RunChanges } from '../runbook/run-changes.ts';
import { createRunbookService, type RunbookService } from '../runbook/runbook-service.ts';
import { createRunbookReader, type RunbookReader } from '../runbook/runbook-view.ts';
import { createRuns } from '../runbook/runs.ts';
import { startByAlert } from '../runbook/start-by-alert.ts';
import type { Database } from '../store/database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { redactLine } from '../telemetry/redact.ts';
import { readLogProgress } from './log-progress.ts';
import { createProcessHost } from '../runbook/step/local-host.ts';
import { createActions } from './runbook-actions.ts';
import { runbookFolders } from './runbook-folders.ts';
import type { WindowWorkers } from './window-workers.ts';
import { VERSION } from './version.ts';

export interface RunbooksDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly database: Database;
  readonly bus: Bus;
  readonly act: Act;
  /** Data directory, absolute. */
  readonly root: string;
  readonly readSide: ReadSide;
  readonly respond: RespondDeps;
  readonly workers: WindowWorkers;
  readonly directory: Directory;
  readonly health: () => Promise<Health>;
  readonly drained: () => Promise<void>;
  readonly renderMetrics: () => Promise<string>;
  readonly supervisor: Supervisor;
  /** Base address of this server, once it listens. */
  readonly address: () => string;
  readonly language: (request: FastifyRequest) => Locale;
}

/** Runbooks of one server. */
export interface Runbooks {
  readonly service: RunbookService;
  readonly reader: RunbookReader;
  readonly changes: RunChanges;
  registerRoutes(app: FastifyInstance): void;
  /** Checks the files, takes over what an earlier process has left, and begins to listen to alerts. The database must be there. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together; starts nothing. */
export function createRunbooks(deps: RunbooksDeps): Runbooks {
  const { config, clock, log, database, bus, readSide, supervisor } = deps;
  const catalogue: Catalogue = createCatalogue(runbookFolders(config), { clock, log });
  const changes = createRunChanges();
  const holder = { host: hostname(), pid: process.pid, instance: randomUUID() };
  const actions = createActions({
    bus,
    clock,
    root: deps.root,
    model: config.detect.model,
    health: deps.health,
    drained: deps.drained,
    caches: readSide.caches,
    respond: deps.respond,
    workers: deps.workers,
    diagnostics: diagnosticsOf(deps),
  });
  const runs = createRuns({
    clock,
    log,
    database,
    host: createProcessHost(process, process.env),
    actions,
    secrets: { env: process.env, readFile: (path) => readFile(path, 'utf8') },
    holder,
    supervisor,
    given: () => ({ server_url: deps.address(), data_dir: deps.root }),
    changed: changes.tell,
  });
  const service = createRunbookService({
    database,
    clock,
    act: deps.act,
    catalogue,
    runs,
    holder,
    actions,
    supervisor,
    isPerson: (id) => deps.directory.byId(id) !== null,
    newId: createTransactionId(clock, randomBytes),
    randomBytes,
  });
  const reader = createRunbookReader({ catalogue, database, clock, actions, supervisor, runs, timeZone: config.time_zone });
  changes.watch((record) =>
    readSide.hub.announce('runbook', (locale) => {
      const { id, runbook, state } = record;
      return { id, runbook, state, text: progressText(record, locale, { timeZone: config.time_zone }) };
    }),
  );
  let stopAlerts: () => Promise<void> = async () => undefined;
  return {
    service,
    reader,
    changes,
    registerRoutes: (app) => registerRunbookRoutes(app, { service, reader, language: deps.language, timeZone: config.time_zone }),
    async start() {
      catalogue.all();
      await runs.start();
      const firing = async () => (await listAlerts(database, { status: 'firing' }, { limit: 1000 })).items;
      stopAlerts = startByAlert({ catalogue, service, firing, clock, log });
    },
    async stop() {
      await stopAlerts();
      await runs.stop();
    },
  };
}

/** What a developer asks for first. Secrets of the configuration are hidden, and what looks like one in any text is removed. */
function diagnosticsOf(deps: RunbooksDeps): Readonly<Record<string, () => unknown>> {
  const { config, bus, database, clock } = deps;
  const plain = (value: unknown): unknown => JSON.parse(redactLine(JSON.stringify(value ?? null)));
  const valueAt = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], config);
  return {
    about: () => ({
      version: VERSION,
      node: process.version,
      platform: `${process.platform} ${process.arch} ${release()}`,
      memory_bytes: totalmem(),
      process_memory: process.memoryUsage(),
      at: new Date(clock.now()).toISOString(),
      time_zone: config.time_zone,
    }),
    configuration: () => {
      const shown = listSettings().map(({ path, schema }) => [path, hideSecrets(schema, valueAt(path)) ?? null] as const);
      // Telephone numbers and accounts are nobody's business.
      return plain({ ...Object.fromEntries(shown), people: config.people.length });
    },
    health: async () => plain(await deps.health()),
    progress: () => readLogProgress({ bus, database }),
    tables: () =>
      database.query(
        'select relname as name, reltuples::bigint as rows, pg_total_relation_size(oid) as bytes from pg_class where relkind = $1 and relnamespace = $2::regnamespace order by 1',
        ['r', 'public'],
      ),
    migrations: () => database.query('select name, applied_at from schema_migration order by 1'),
    runs: async () =>
      plain(await database.query('select id, runbook, state, started_at, ended_at from runbook_run order by started_at desc limit 50')),
    metrics: async () => redactLine(await deps.renderMetrics()),
  };
}
