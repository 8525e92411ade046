import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { apiAt, MAIN, startReceiver, waitFor, type Api, type Receiver } from '../e2e/product.ts';
import { startKafka, type KafkaServer } from '../integration/kafka-server.ts';
import { startPostgres, type PostgresServer } from '../integration/postgres-server.ts';
import { startRedis, type RedisServer } from '../integration/redis-server.ts';
import { startFaultyWay, type FaultyWay } from './proxy.ts';

const TOKEN = 'a-service-token-that-all-processes-share';
const CLOCK = fileURLToPath(new URL('./jumping-clock.mjs', import.meta.url));
/** Processes of each role. */
export const ROLES = ['api', 'api', 'window', 'window', 'detect', 'detect', 'alert', 'data'] as const;
/** Processes in which the active detector has its merchants. */
export const SHARDS = 2;
export type Role = (typeof ROLES)[number];

/** A process of a role, with a data directory of its own as on a machine of its own. */
export interface RoleProcess extends Api {
  readonly name: string;
  readonly role: Role;
  readonly dataDir: string;
  isAlive(): boolean;
  /** Process ids of what it has started: the shards of a detector that works. */
  children(): Promise<readonly number[]>;
  /** True when it has ended by itself: nobody asked it to. */
  hasCrashed(): boolean;
  output(): string;
  /** Ends it; resolves with its exit code, null for a kill. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Real Kafka, PostgreSQL and Redis, each behind a way that can fail, and the product on them, a process a role. */
export interface Cluster {
  readonly kafka: KafkaServer & { readonly way: FaultyWay };
  readonly postgres: PostgresServer & { readonly way: FaultyWay };
  readonly redis: RedisServer & { readonly way: FaultyWay };
  readonly receiver: Receiver;
  readonly topicPrefix: string;
  /** Living processes of a role. */
  of(role: Role): readonly RoleProcess[];
  start(role: Role, options?: { readonly dataDir?: string }): Promise<RoleProcess>;
  /** The process that has a role of which one works at a time. */
  holder(role: Role): Promise<RoleProcess>;
  /** Processes that ended by themselves. */
  crashed(): readonly RoleProcess[];
  /** Sets the wall clock of all processes off by so much. */
  setClock(offsetMs: number): Promise<void>;
  /** Asks the database itself, not through the way that fails. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Starts it. What was started is stopped when something of it fails. Throws where a server cannot be had. */
export async function startCluster(seed: number): Promise<Cluster> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step().catch(() => undefined);
  };
  try {
    return await start(seed, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(seed: number, undo: (() => Promise<unknown>)[], stop: () => Promise<void>): Promise<Cluster> {
  const { server: broker, missing } = await startKafka();
  if (broker === null) throw new Error(missing);
  undo.push(broker.stop);
  const database = await startPostgres({ max_connections: '200', fsync: 'on' });
  undo.push(database.stop);
  const cache = await startRedis();
  undo.push(cache.stop);
  const receiver = await startReceiver();
  undo.push(receiver.down);
  const ways = {
    kafka: await startFaultyWay({ port: broker.wayPort, target: broker.wayTarget, seed }),
    postgres: await startFaultyWay({ port: 0, target: portOf(database.urlOf()), seed: seed + 1 }),
    redis: await startFaultyWay({ port: 0, target: portOf(cache.url), seed: seed + 2 }),
  };
  undo.push(() => Promise.all(Object.values(ways).map((way) => way.close())));
  const folder = await mkdtemp(join(tmpdir(), 'guardian-faults-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const url = await database.createDatabase();
  const topicPrefix = `${randomUUID().slice(0, 8)}.`;
  const config = {
    http: { port: 0 },
    probe: { port: 0 },
    access: { service_token: TOKEN, signing_secret: 'a-signing-secret-that-all-processes-share' },
    bus: { engine: 'kafka', partitions: 4, kafka: { brokers: [`127.0.0.1:${ways.kafka.port}`], prefix: topicPrefix } },
    store: { engine: 'postgres', url: withPort(url, ways.postgres.port), connections: 5 },
    redis: { url: withPort(cache.url, ways.redis.port) },
    // The traffic is faster than the clock: a process that is away for seconds is away for minutes of it.
    window: { late_s: 3600 },
    detect: { shards: SHARDS },
    alert: { group_wait_s: 0.3, group_interval_s: 1, receivers: [{ name: 'night-shift', url: receiver.url, token: 'phone-token' }] },
  };
  await writeFile(join(folder, 'guardian.yaml'), JSON.stringify(config));
  const clockFile = join(folder, 'clock');
  await writeFile(clockFile, '0');
  const processes: RoleProcess[] = [];
  const pool = new Pool({ connectionString: url, max: 3 });
  pool.on('error', () => undefined);
  undo.push(() => pool.end());
  undo.push(() => Promise.all(processes.map((one) => one.end('SIGKILL'))));

  async function startRole(role: Role, { dataDir = join(folder, `${role}-${processes.length}`) } = {}): Promise<RoleProcess> {
    const env = { ...process.env, NODE_NO_WARNINGS: '1', NODE_OPTIONS: `--import=${CLOCK}`, FAULT_CLOCK: clockFile };
    const args = [MAIN, 'up', '--role', role, '--config', join(folder, 'guardian.yaml'), '--data_dir', dataDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const started = describeProcess(child, role, `${role}-${processes.length}`, dataDir);
    processes.push(started);
    return started;
  }
  const of = (role: Role): readonly RoleProcess[] => processes.filter((one) => one.role === role && one.isAlive());
  await Promise.all(ROLES.map((role) => startRole(role)));
  for (const api of of('api'))
    await waitFor(async () => ((await fetch(`${api.address}/ready`).catch(() => undefined))?.ok === true ? true : undefined));

  return {
    kafka: { ...broker, way: ways.kafka },
    postgres: { ...database, way: ways.postgres },
    redis: { ...cache, way: ways.redis },
    receiver,
    topicPrefix,
    of,
    start: startRole,
    holder: (role) =>
      waitFor(async () => of(role).find((one) => one.output().lastIndexOf('"role taken"') > one.output().lastIndexOf('"role lock lost"'))),
    crashed: () => processes.filter((one) => one.hasCrashed()),
    setClock: (offsetMs) => writeFile(clockFile, String(offsetMs)),
    sql: async (statement) => (await pool.query<Record<string, unknown>>(statement)).rows,
    stop,
  };
}

function describeProcess(child: ChildProcess, role: Role, name: string, dataDir: string): RoleProcess {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const exited = once(child, 'exit');
  let isAsked = false;
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const address = (): string => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? 'http://127.0.0.1:9';
  return {
    ...apiAt(address, dataDir),
    ...{ name, role, dataDir, isAlive, children: () => childrenOf(child.pid ?? 0), hasCrashed: () => !isAlive() && !isAsked },
    get address() {
      return address();
    },
    output: () => output,
    async end(signal) {
      if (!isAlive()) return child.exitCode;
      isAsked = true;
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** Children of all threads of a process, as Linux says, those included of whose end nobody has taken note. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

const portOf = (url: string): number => Number(new URL(url).port);

function withPort(url: string, port: number): string {
  const at = new URL(url);
  at.port = String(port);
  return at.href;
}
