import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { Gauge, Registry } from 'prom-client';
import type { Bus } from '../bus/bus.ts';
import { secondsToMs, systemClock as clock } from '../clock.ts';
import { isGuardianError, messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { serveDatabase } from '../store/remote-database.ts';
import type { ReplacedLog } from '../store/verbs/log/check-log.ts';
import type { RawTransactions } from '../raw/raw-transactions.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { notifyOutbox } from '../store/verbs/outbox/notify-outbox.ts';
import { WINDOW_GROUP } from '../window/worker.ts';
import { createLogger } from '../telemetry/logger.ts';
import { lossNotes } from './data-losses.ts';
import {
  compileEngine,
  databasePlace,
  linkEngines,
  openEngineOfLog,
  openRawTransactions,
  ownDatabase,
  serveRaw,
  serveRawAt,
  serveStore,
} from './engines.ts';
import { watchLink } from './link-watch.ts';
import { ROLE_SPECS, type StageName } from './roles.ts';
import { isShared } from './is-shared.ts';
import { shareEngines } from './shared/share-engines.ts';
import { startUnits } from './shared/units.ts';
import { openDatabase } from './open-database.ts';
import { STOP, type BridgeRequest, type PipelineGreeting, type PipelineWork } from './pipeline-settings.ts';
import type { ForeignRecords } from '../ingest/foreign-records.ts';
import { endWhenAsked } from './end-thread.ts';
import { eventTimes } from './event-times.ts';
import { createPipelineStages, listStages, type PipelineStages } from './pipeline-stages.ts';
import { pipelineHealth } from './pipeline-health.ts';
import { keepCompiledCode } from './compiled-code.ts';
import { collectWhenIdle } from './idle-collection.ts';
import { createPulse } from './pulse.ts';
import { publishThreadState, type ThreadState } from './thread-state.ts';
import { watchPauses } from '../window/pause-watch.ts';
import { createUndoStack } from './undo-stack.ts';
import { watchBus } from './watched-bus.ts';

const COUNTED = { group: WINDOW_GROUP, topic: TOPICS.transactions };
type OpenedRaw = Awaited<ReturnType<typeof openRawTransactions>>;

/** How long a stage waits at once for the process that serves log and database, before it says that it is away. */
const LINK_WAIT_MS = 5000;

const port = parentPort;
if (port === null) throw new Error('This file runs in a thread that the program starts.');
const { config, dir, role, databasePort, rawPort, memory, shards } = workerData as PipelineWork;
endWhenAsked(port);
const { stages: wanted, engines: use } = ROLE_SPECS[role];
// Compiled beside the opening of the log.
const engine = isShared(config) || use === 'link' || config.store.engine !== 'pglite' ? undefined : compileEngine();
engine?.catch(() => undefined);
const pulse = createPulse(memory);
pulse.start();
const log = createLogger(config.log).child({ thread: 'pipeline' });
const undo = createUndoStack(log);
const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));

/** What the stages work on. */
interface Ground {
  readonly bus: Bus;
  readonly database: Database;
  readonly raw: RawTransactions;
  /** True once after a time in which nobody could be heard. */
  readonly hasPaused: () => boolean;
  readonly onAgain: (found: ReplacedLog) => void;
}

/** Opens log and database, and the database to the main thread. */
async function openGround(metrics: Registry): Promise<Ground> {
  const bus = await openEngineOfLog(config, dir, { clock, log, metrics, writer: 'inline', cleans: false });
  undo.push('bus', () => bus.close());
  // Ends this thread only; the program starts it again.
  const lose = lossNotes(dir.root, { clock, log });
  const onDeath = (): void => process.exit(1);
  const opened: { raw?: OpenedRaw } = {};
  const place = databasePlace(config, dir);
  const disown = await ownDatabase(place, { log, onLost: onDeath });
  undo.push('ownership of the database', disown);
  const database = await openDatabase({
    place,
    migrations: config.store.migrate,
    root: dir.root,
    beforePositions: async (fresh) => {
      const { raw_retention_days: rawRetentionDays } = config.store;
      const options = { log: bus, database: fresh, clock, logger: log, rawRetentionDays, onDamage: onDeath };
      opened.raw = await openRawTransactions(dir, options, await readOffsets(fresh, COUNTED));
    },
    engine,
    engineMemoryBytes: config.store.engine_memory_bytes,
    bus,
    clock,
    log,
    lose,
    onDeath,
  });
  undo.push('database', () => database.close());
  const raw = await catchUp(opened.raw, database);
  undo.push('index of transactions', () => raw.close());
  serveDatabase(databasePort, database);
  undo.push('database port', () => databasePort.close());
  await serveRawAt(rawPort, raw);
  undo.push('port of the index', () => rawPort.close());
  return { bus, database, raw, hasPaused: () => false, onAgain: (found) => lose({ part: 'log', ...found }) };
}

/** Finds log and database in another process. The stages wait for it, however long it is away. */
async function linkGround(): Promise<Ground> {
  const link = await linkEngines(dir, { log, waitMs: LINK_WAIT_MS });
  undo.push('link to log and database', () => link.close());
  const watch = watchLink(link, pulse);
  undo.push('link watch', watch.stop);
  // The relay is where the log is.
  return { bus: link.bus, database: link.database, raw: link.raw, hasPaused: watch.hasPaused, onAgain: () => undefined };
}

/** Opens log and database beside all other processes, and the database to the main thread. */
async function shareGround(metrics: Registry) {
  const engines = shareEngines(config, dir, { clock, log, metrics });
  undo.push('log and database', () => engines.close());
  await engines.opened;
  const { bus, database, raw, takeRole: take } = engines;
  serveDatabase(databasePort, database);
  undo.push('database port', () => databasePort.close());
  await serveRawAt(rawPort, raw);
  undo.push('port of the index', () => rawPort.close());
  const lose = lossNotes(dir.root, { clock, log });
  const wakeRelay = (): void => void notifyOutbox(database).catch(() => undefined);
  return { bus, database, raw, take, wakeRelay, hasPaused: () => false, onAgain: (found: ReplacedLog) => lose({ part: 'log', ...found }) };
}

/** Reads what other programs write to a log on a server, by the rules of ingestion. */
async function openForeignRecords(): Promise<ForeignRecords> {
  const { createForeignRecords } = await import('../ingest/foreign-records.ts');
  return createForeignRecords(eventTimes(config), clock);
}

/** Starts from the database upwards, so that a stop goes from the stages down. */
async function start(): Promise<void> {
  const metrics = new Registry();
  registerHeap(metrics);
  const shared = isShared(config) ? await shareGround(metrics) : undefined;
  const { bus, database, raw, hasPaused, onAgain } = shared ?? (use === 'link' ? await linkGround() : await openGround(metrics));
  // Only then: a thread without the rules starts sooner.
  const foreign = shared === undefined ? undefined : await openForeignRecords();
  const pauses = watchPauses(clock);
  undo.push('pause watch', pauses.stop);
  const make = (stages: readonly StageName[], over: Bus): PipelineStages =>
    createPipelineStages({
      ...{ config, stages, bus: watchBus(over, pulse), database, raw, foreign, clock, log, metrics, onAgain },
      hasPaused: () => [pauses.hasPaused(), hasPaused()].includes(true),
      standsStill: pulse.standsStill,
      gotOn: () => pulse.done('detect'),
      shards,
      startBridge: (bridge) => requirePort().postMessage({ bridge } satisfies BridgeRequest, [bridge.port]),
      wakeRelay: () => shared?.wakeRelay(),
      noteBehindNotified: pulse.noteBehindNotified,
    });
  const units = shared === undefined ? undefined : await startUnits({ ...shared, wanted, make, log, undo, die: exitNow });
  const stages = units === undefined ? make(wanted, bus) : undefined;
  // Before the stages start: their first batches would hold up the socket, and with it the start.
  const closeDatabase = use === 'link' || stages === undefined ? undefined : await openToOthers(database, () => stages.relay?.wake());
  if (stages !== undefined) await startAll(stages);
  if (use === 'serve' && stages !== undefined) undo.push('socket of the index', await serveRaw(dir, raw));
  // A stop cuts off a backup before it waits for the stages, which may wait for the backup.
  if (closeDatabase !== undefined) undo.push('socket of the database', closeDatabase);
  undo.push('collection of garbage', collectWhenIdle());
  const checks = (): ThreadState['checks'] => Object.assign({}, ...(units?.running() ?? [stages ?? {}]).map(pipelineHealth));
  const roles = units === undefined ? {} : { roles: units.states };
  undo.push('state', await publishThreadState(requirePort(), { checks, metrics, log, ...roles }));
  requirePort().on('message', (order: unknown) => {
    // What failed is in the log.
    if (order === STOP) void stop().then(exit, exit);
  });
}

/** Serves the database at its socket: to the other roles, and to a backup, without which a process that runs all goes on. Returns how
 *  to end it. */
async function openToOthers(database: Database, committed: () => void): Promise<(() => Promise<void>) | undefined> {
  try {
    return await serveStore(dir, database, committed);
  } catch (error) {
    if (use === 'serve' || !isGuardianError(error, 'APP_SOCKET')) throw error;
    log.warn({ reason: error.message }, 'a backup is possible only while the program is stopped');
    return undefined;
  }
}

async function startAll(stages: PipelineStages): Promise<void> {
  for (const stage of listStages(stages)) {
    undo.push(stage.name, () => stage.stop());
    await stage.start();
  }
}

const exit = (): void => process.exit();
/** Ends this thread only; the program starts it again. */
const exitNow = (): void => process.exit(1);

/** Memory of this thread alone; that of the process is the main thread's to tell. */
function registerHeap(metrics: Registry): void {
  const heap = new Gauge({
    name: 'guardian_pipeline_memory_bytes',
    help: 'Memory of the pipeline thread: JavaScript heap, external memory, and the part of it held by the database engine, which never shrinks.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      heap.set({ kind: 'heap' }, heapUsed);
      heap.set({ kind: 'external' }, external);
      heap.set({ kind: 'database' }, external - arrayBuffers);
    },
  });
}

/** The index, once it knows all that is counted. */
async function catchUp(opened: OpenedRaw | undefined, database: Database): Promise<RawTransactions> {
  if (opened === undefined) throw new Error('the database was opened without its index');
  return opened.catchUp(await readOffsets(database, COUNTED));
}

function requirePort(): MessagePort {
  if (port === null) throw new Error('no parent');
  return port;
}

start().then(
  () => {
    port.postMessage({ ready: true } satisfies PipelineGreeting);
    keepCompiledCode();
  },
  async (error: unknown) => {
    await stop().catch(() => undefined);
    const message = messageOf(error);
    const failed = isGuardianError(error)
      ? { code: error.code, message, rule: error.rule, params: error.params }
      : { code: 'INTERNAL' as const, message };
    port.postMessage({ failed } satisfies PipelineGreeting);
  },
);
