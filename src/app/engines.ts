import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { EmbeddedBus, EmbeddedBusOptions } from '../bus/embedded/embedded.ts';
import type { KafkaServer } from '../bus/kafka/kafka-options.ts';
import { lockFile as lockWithSqlite, type FileLock as SqliteLock } from '../bus/embedded/file-lock.ts';
import type { QuarantinedFile, Repair } from '../bus/embedded/topic-repair.ts';
import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config/config-schema.ts';
import type { OpenedLogIndex, OpenLogIndexDeps } from '../raw/log-index/open-log-index.ts';
import type { RawReader, RawTransactions } from '../raw/raw-transactions.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import type { Database } from '../store/database.ts';
import { collectGarbage as collectOfEngine } from '../store/pglite/collect-garbage.ts';
import type { PgliteOptions } from '../store/pglite/pglite-options.ts';
import type { PostgresOptions } from '../store/postgres/open-postgres.ts';
import { connectionUrl } from '../store/postgres/connection-url.ts';
import type { RoleLock as RoleLockOfServer, RoleLockOptions as RoleLockOptionsOfServer } from '../store/postgres/role-lock.ts';
import type { LinkState } from '../wire/socket-link.ts';
import type { SharedTurn } from '../redis/redis-turn.ts';
import type { SocketPlace } from '../wire/socket-server.ts';
import type { Wire } from '../wire/wire.ts';
import { join } from 'node:path';
import type { DataDir } from './data-dir.ts';
import { newInstance } from './process-instance.ts';
import { VERSION } from './version.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import { Registry } from 'prom-client';
import type { SharedState } from './shared-state.ts';

// The only file that imports engines: each is loaded when it is first asked for, because no thread needs all of them.

/** The log, as its owner has it. Records of one on Kafka cannot be read one by one. */
export type Log = Bus & Pick<EmbeddedBus, 'identity'> & Partial<Pick<EmbeddedBus, 'readAt'>>;
/** A lock that ends with its process. */
export type FileLock = SqliteLock;
/** A file of the log that was quarantined. `lost`: records that went with it, where that is known without the database. */
export type DamagedFile = QuarantinedFile & { readonly lost?: number };
/** What a repair of one file of the log saved and lost. */
export type LogFileRepair = Repair;
/** How a process opens the log; `dir`, partitions and retention come from the configuration. */
export type LogOptions = Omit<EmbeddedBusOptions, 'dir' | 'partitions' | 'retention'>;
/** Code of the database engine, compiled. */
type EngineCode = WebAssembly.Module;
/** How a process opens the database. `engineMemoryBytes`: memory of the engine from which it is opened again; 0: never. */
export type DatabaseOptions = Pick<PgliteOptions, 'log' | 'clock' | 'onDeath'> & {
  readonly engine?: Promise<EngineCode> | undefined;
  readonly engineMemoryBytes?: number;
  readonly metrics?: Registry | undefined;
};

/** Opens the log: that of a data directory, or the one on Kafka. Throws APP_DATA_DIR, CONFIG_INVALID, BUS_UNAVAILABLE. */
export async function openEngineOfLog(config: Config, dir: Pick<DataDir, 'bus'>, options: LogOptions): Promise<Log> {
  if (config.bus.engine === 'kafka') return openLogOnKafka(config, options);
  const { openEmbeddedBus } = await import('../bus/embedded/embedded.ts');
  const { retention_hours: hours, retention_bytes: bytes, retention_derived_bytes: derivedBytes } = config.bus;
  return openEmbeddedBus({
    ...options,
    dir: dir.bus,
    partitions: { [TOPICS.transactions]: config.bus.partitions },
    // Raw transactions are read from the log: they stay as long as they are kept.
    retention: { hours, transactionHours: Math.max(hours, config.store.raw_retention_days * 24), bytes, derivedBytes },
  });
}

/** Every process that has the brokers may open it, beside others. The brokers keep records by time alone. */
async function openLogOnKafka({ bus }: Config, { clock, log, metrics, maxPendingRecords }: LogOptions): Promise<Log> {
  const { openKafkaBus } = await import('../bus/kafka/kafka.ts');
  return openKafkaBus({
    ...{ server: kafkaServer(bus.kafka), prefix: bus.kafka.prefix, replication: bus.kafka.replication_factor },
    ...{ partitions: { [TOPICS.transactions]: bus.partitions }, retentionHours: bus.retention_hours },
    ...{ clock, log, metrics, maxPendingRecords },
  });
}

function kafkaServer({ brokers, client_id: clientId, request_timeout_s: requestS, tls, sasl }: Config['bus']['kafka']): KafkaServer {
  const { mechanism, username = '', password = '' } = sasl;
  return {
    ...{ brokers, clientId, requestMs: secondsToMs(requestS) },
    ...(tls.enabled ? { tls: { ca: tls.ca, cert: tls.cert, key: tls.key, rejectUnauthorized: tls.verify } } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } }),
  };
}

/** What single transactions are kept with. */
export type RawOptions = Omit<OpenLogIndexDeps, 'path' | 'memoryEntries' | 'log'> & { readonly log: Log };

/** Opens what keeps single transactions: an index over the log of the data directory, or the database where the log is on Kafka. `counted`: next offsets of the stage that counts,
 *  before the database was compared with the log. Throws APP_DATA_DIR. */
export async function openRawTransactions(
  dir: DataDir,
  options: RawOptions,
  counted: ReadonlyMap<number, number>,
): Promise<OpenedLogIndex> {
  const { readAt } = options.log;
  if (readAt === undefined) {
    const { createRawRows } = await import('../raw/rows/raw-rows.ts');
    return { catchUp: async () => createRawRows(options.database) };
  }
  const { openLogIndex } = await import('../raw/log-index/open-log-index.ts');
  return openLogIndex({ ...options, log: { ...options.log, readAt }, path: dir.rawIndex }, counted);
}

/** Puts damaged files of the log aside, so that new ones take their place. Throws APP_DATA_DIR for one that holds what nothing
 *  can rebuild. */
export async function quarantineDamaged(dir: Pick<DataDir, 'bus'>, nowMs: number): Promise<readonly DamagedFile[]> {
  const repairs = await import('../bus/embedded/topic-repair.ts');
  const { GROUPS } = await import('../bus/embedded/generations.ts');
  return repairs.quarantineDamaged(dir.bus, nowMs).map((file) => (file.topic === GROUPS ? { ...file, lost: 0 } : file));
}

/** Saves what can be read of damaged files of the log. */
export async function repairFiles(dir: Pick<DataDir, 'bus'>, nowMs: number): Promise<readonly LogFileRepair[]> {
  const { repairTopics } = await import('../bus/embedded/topic-repair.ts');
  return repairTopics(dir.bus, nowMs);
}

/** The topics that have a file in the log of a data directory. */
export async function topicsOnDisk(dir: Pick<DataDir, 'bus'>): Promise<readonly Topic[]> {
  const { hasTopicFile } = await import('../bus/embedded/topic-file.ts');
  return Object.values(TOPICS).filter((topic) => hasTopicFile(dir.bus, topic));
}

/** Where a database is: a directory of the embedded engine, or a server. */
export type DatabasePlace = { readonly kind: 'directory'; readonly path: string } | ServerPlace;
/** `sessionUrl`: the same database, for connections that keep locks. */
type ServerPlace = { readonly kind: 'server'; readonly sessionUrl: string } & Omit<PostgresOptions, 'log' | 'metrics'>;

/** Where the configuration has the database. Throws CONFIG_INVALID. */
export function databasePlace({ store }: Pick<Config, 'store'>, dir: Pick<DataDir, 'database'>): DatabasePlace {
  if (store.engine === 'pglite') return { kind: 'directory', path: dir.database };
  return {
    kind: 'server',
    url: connectionUrl(store.url ?? ''),
    sessionUrl: connectionUrl(store.session_url ?? store.url ?? ''),
    connections: store.connections,
    connectMs: secondsToMs(store.connect_timeout_s),
    statementMs: secondsToMs(store.statement_timeout_s),
    lockMs: secondsToMs(store.lock_timeout_s),
  };
}

/** Opens the database engine, without a look at the schema. Throws STORE_CORRUPT, STORE_UNAVAILABLE. */
export async function openEngineOfDatabase(
  place: DatabasePlace,
  { engineMemoryBytes = 0, metrics, ...options }: DatabaseOptions,
): Promise<Database> {
  if (place.kind === 'server') {
    const { openPostgres } = await import('../store/postgres/open-postgres.ts');
    return openPostgres({ ...place, log: options.log, metrics });
  }
  const { openPglite } = await import('../store/pglite/open-pglite.ts');
  const engineMemory = engineMemoryBytes === 0 ? undefined : { mostBytes: engineMemoryBytes };
  return openPglite({ dir: place.path, engineMemory, ...options });
}

/** Takes a database on a server for this process, which then is the only one that writes to it; a directory has a lock of its own. `onLost`:
 *  another process has it now. Throws STORE_UNAVAILABLE while another one has it. */
export async function ownDatabase(
  place: DatabasePlace,
  options: { readonly log: Logger; readonly onLost: () => void },
): Promise<() => Promise<void>> {
  if (place.kind === 'directory') return async () => undefined;
  const { takeOwnership } = await import('../store/postgres/ownership.ts');
  return takeOwnership({ ...options, url: place.sessionUrl, connectMs: place.connectMs });
}

/** Opens a turn that the processes of all machines share on a Redis server; null where none is configured. The server may be away. */
export async function openTurn(
  { redis }: Pick<Config, 'redis'>,
  { log }: { readonly log: Logger },
  name: string,
): Promise<SharedTurn | null> {
  if (redis.url === undefined) return null;
  const { openRedis } = await import('../redis/connection.ts');
  const { createRedisTurn } = await import('../redis/redis-turn.ts');
  const limits = { connectMs: secondsToMs(redis.connect_timeout_s), commandMs: redis.command_timeout_ms };
  // Who serves the API has the metrics of the server.
  return createRedisTurn(openRedis({ url: redis.url, prefix: redis.prefix, ...limits, log, metrics: new Registry() }), name, newInstance());
}

/** Opens what the API processes share on a Redis server; null where none is configured. The server may be away. */
export async function openSharedState(
  { redis }: Pick<Config, 'redis'>,
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: Registry },
): Promise<SharedState | null> {
  if (redis.url === undefined) return null;
  const { openRedis } = await import('../redis/connection.ts');
  const { createRedisAcceptedIds } = await import('../ingest/accepted-ids-redis.ts');
  const { createRedisGuessLimit } = await import('../auth/guess-limit-redis.ts');
  const { createRedisSessions } = await import('../auth/shared-sessions-redis.ts');
  const { createRedisAnswers } = await import('../read/shared-answers-redis.ts');
  const connection = openRedis({
    ...deps,
    url: redis.url,
    prefix: redis.prefix,
    connectMs: secondsToMs(redis.connect_timeout_s),
    commandMs: redis.command_timeout_ms,
  });
  return {
    acceptedIds: createRedisAcceptedIds(connection),
    guesses: createRedisGuessLimit(connection),
    sessions: createRedisSessions(connection, deps.clock),
    answers: createRedisAnswers(connection),
    health: connection.health,
    close: connection.close,
  };
}

/** Keeps single transactions as rows of the database, for a log that several processes share. */
export function openRawRows(database: Database): RawTransactions {
  return createRawRows(database);
}

/** A lock by which one process has a role. */
export type RoleLock = RoleLockOfServer;
export type RoleLockOptions = RoleLockOptionsOfServer;

/** Waits for a role of which one process at a time does the work. Null when the waiting was ended. */
export async function takeRole(options: RoleLockOptions): Promise<RoleLock | null> {
  const { takeRoleLock } = await import('../store/postgres/role-lock.ts');
  return takeRoleLock(options);
}

/** Compiles the code of the database engine ahead of its opening. */
export async function compileEngine(): Promise<EngineCode> {
  const engine = await import('../store/pglite/start-pglite.ts');
  return engine.compileEngine();
}

/** Version of the package of the embedded database engine. */
export async function embeddedVersion(): Promise<string> {
  const { packageVersion } = await import('../store/pglite/template.ts');
  return packageVersion();
}

/** True when the disk has no room for an engine that opens a database. */
export async function hasNoRoom(path: string): Promise<boolean> {
  const room = await import('../store/pglite/room.ts');
  return room.hasNoRoom(path);
}

/** Takes a file for this process; null when another one has it. Throws what the engine throws. */
export function lockFile(path: string): FileLock | null {
  return lockWithSqlite(path);
}

/** Collects the garbage of this thread now. */
export function collectGarbage(): void {
  collectOfEngine();
}

/** Log and database of a process that owns neither. */
export interface LinkedEngines {
  readonly bus: Bus;
  readonly database: Database;
  readonly raw: RawTransactions;
  /** How the process that serves them stands: of all the worst. */
  state(): LinkState;
  close(): Promise<void>;
}

/** What the sockets say first: who understands other messages is another program. */
const PROTOCOL = 1;
const placeOf = (dir: DataDir, name: 'bus' | 'database' | 'raw'): SocketPlace => ({
  path: join(dir.root, `${name}.sock`),
  greeting: `${VERSION}/${PROTOCOL}`,
});

/** A client that says nothing in an open transaction for so long loses it. */
const TRANSACTION_IDLE_MS = 5000;

/** Asks the process that serves log and database of a data directory, as soon as there is one. `waitMs`: how long reading waits for
 *  it; publishing is refused at once. Throws APP_SOCKET. */
export async function linkEngines(
  dir: DataDir,
  { log, waitMs }: { readonly log: Logger; readonly waitMs: number },
): Promise<LinkedEngines> {
  const { keepLink } = await import('../wire/socket-link.ts');
  const { createRemoteBus } = await import('../bus/embedded/remote-bus.ts');
  const { createLinkedDatabase } = await import('../store/linked-database.ts');
  const bus = createRemoteBus({ waitMs });
  const database = createLinkedDatabase({ waitMs });
  const { createLinkedIndex } = await import('../raw/log-index/remote-index.ts');
  const raw = createLinkedIndex({ waitMs });
  const links = [
    keepLink(placeOf(dir, 'bus'), log, bus.open),
    keepLink(placeOf(dir, 'database'), log, database.open),
    keepLink(placeOf(dir, 'raw'), log, raw.open),
  ];
  return {
    bus,
    database,
    raw,
    state: () => links.map((link) => link.state()).find((state) => state !== 'up') ?? 'up',
    async close() {
      await bus.close();
      await database.close();
      for (const link of links) link.close();
    },
  };
}

/** The database of a process that owns it, alone. `waitMs`: how long its answer is waited for. Throws APP_SOCKET. */
export async function linkDatabase(
  dir: DataDir,
  { log, waitMs }: { readonly log: Logger; readonly waitMs: number },
): Promise<{ readonly database: Database; close(): Promise<void> }> {
  const { keepLink } = await import('../wire/socket-link.ts');
  const { createLinkedDatabase } = await import('../store/linked-database.ts');
  const database = createLinkedDatabase({ waitMs });
  const link = keepLink(placeOf(dir, 'database'), log, database.open);
  return {
    database,
    async close() {
      link.close();
      await database.close();
    },
  };
}

/** Serves the log to other processes of this user, at a socket in the data directory. Returns how to end it. Throws APP_SOCKET. */
export async function serveLog(dir: DataDir, bus: Bus): Promise<() => Promise<void>> {
  const { serveSocket } = await import('../wire/socket-server.ts');
  const { createBusHost } = await import('../bus/embedded/serve-bus.ts');
  const { serve } = createBusHost(bus);
  return serveSocket(placeOf(dir, 'bus'), serve);
}

/** Serves the database in the same way. `committed` is called after each commit of another process. */
export async function serveStore(dir: DataDir, database: Database, committed: () => void): Promise<() => Promise<void>> {
  const { serveSocket } = await import('../wire/socket-server.ts');
  const { serveDatabase } = await import('../store/remote-database.ts');
  return serveSocket(placeOf(dir, 'database'), (wire) => serveDatabase(wire, database, { idleMs: TRANSACTION_IDLE_MS, committed }));
}

/** Serves the index of raw transactions in the same way. */
export async function serveRaw(dir: DataDir, raw: RawTransactions): Promise<() => Promise<void>> {
  const { serveSocket } = await import('../wire/socket-server.ts');
  const { serveIndex } = await import('../raw/log-index/remote-index.ts');
  return serveSocket(placeOf(dir, 'raw'), (wire) => serveIndex(wire, raw));
}

/** Offers the log to another thread, for `connectLog` at the other end of `wire`. */
export async function serveLogAt(wire: Wire, bus: Bus): Promise<void> {
  const { createBusHost } = await import('../bus/embedded/serve-bus.ts');
  createBusHost(bus).serve(wire);
}

/** The log that `serveLogAt` offers at the other end of `wire`. */
export async function connectLog(wire: Wire): Promise<Bus> {
  const { createRemoteBus } = await import('../bus/embedded/remote-bus.ts');
  const bus = createRemoteBus();
  bus.open(wire);
  return bus;
}

/** Answers questions about single transactions, for `connectRaw` at the other end of `wire`. */
export async function serveRawAt(wire: Wire, raw: RawTransactions): Promise<void> {
  const { serveIndex } = await import('../raw/log-index/remote-index.ts');
  serveIndex(wire, raw);
}

/** What `serveRawAt` answers at the other end of `wire`. */
export async function connectRaw(wire: Wire): Promise<RawReader> {
  const { createLinkedIndex } = await import('../raw/log-index/remote-index.ts');
  const raw = createLinkedIndex();
  raw.open(wire);
  return raw;
}
