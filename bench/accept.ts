import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { fastify, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../src/bus/bus.ts';
import { openEmbeddedBus } from '../src/bus/embedded/embedded.ts';
import { systemClock } from '../src/clock.ts';
import { createSessions } from '../src/http/auth.ts';
import { createDirectory } from '../src/auth/directory.ts';
import { createServiceToken } from '../src/auth/service-token.ts';
import { createServer } from '../src/http/server.ts';
import { createIngest } from '../src/ingest/ingest.ts';
import { createTransactionId } from '../src/ingest/transaction-id.ts';
import { createMetrics, renderMetrics } from '../src/telemetry/metrics.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { createDurableFastify } from './process/durable-fastify.ts';

const CONNECTIONS = 64;
const BATCH_CONNECTIONS = 2;
const BATCH_RECORDS = 5000;
const ITEM = {
  status: 'approved',
  timestamp: new Date().toISOString(),
  amount: 129.9,
  currency: 'BRL',
  merchant_id: 'm-0042',
  auth_code: '00',
  acquirer: 'acq-1',
  payment_method: 'credit',
};

/** Accept: single posts against bare Fastify and against Fastify that only waits for the disk, and batches, all with the log on disk behind them. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const seconds = quick ? 1 : 4;
  return inTemporaryDirectory(async (directory) => {
    const bare = await listenBare();
    const durable = createDurableFastify(join(directory, 'bodies.ndjson'));
    const guardian = await listenGuardian(directory);
    try {
      const urls = { bare: bare.url, durable: await addressOf(durable), guardian: guardian.url };
      return [await measureSingles(urls, { seconds, rounds: quick ? 1 : 5 }), ...(await measureBatches(guardian, seconds))];
    } finally {
      await guardian.close();
      await durable.close();
      await bare.close();
    }
  });
}

interface Listening {
  readonly url: string;
  /** Records in the log. */
  stored(): Promise<number>;
  close(): Promise<void>;
}

async function addressOf(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function listenBare(): Promise<Listening> {
  const app = fastify({ logger: false });
  let count = 0;
  app.post('/transaction', (_request, reply) => reply.code(202).send({ id: `made-${++count}`, status: 'accepted' }));
  return { url: await addressOf(app), stored: async () => count, close: () => app.close() };
}

async function listenGuardian(directory: string): Promise<Listening> {
  const log = pino({ level: 'silent' });
  const metrics = createMetrics();
  const bus: Bus = await openEmbeddedBus({
    dir: directory,
    partitions: {},
    retention: { hours: 1, bytes: 8e9 },
    clock: systemClock,
    log,
    metrics,
    writer: 'thread',
  });
  const ingest = createIngest(
    {
      bus,
      knownIds: async () => ({ known: new Map(), isWhole: true }),
      clock: systemClock,
      log,
      metrics,
      newId: createTransactionId(systemClock, randomBytes),
    },
    { timeZone: 'America/Sao_Paulo', maxFutureMs: 300_000, maxAgeMs: 1830 * 86_400_000, maxPendingRecords: 200_000 },
  );
  const app = await createServer(
    {
      ingest,
      clock: systemClock,
      log,
      metrics,
      renderMetrics: (format) => renderMetrics(metrics, format),
      findTransaction: async () => ({ kind: 'unknown' }),
      analyze: () => Promise.reject(new Error('not measured here')),
      health: () => ({ status: 'healthy', uptime: '', uptime_seconds: 0, version: '', checks: {} }),
      ready: () => ({ status: 'ready', reasons: [] }),
      directory: createDirectory([]),
      token: createServiceToken('not-used-by-this-bench'),
      unknown: { refuse: async () => false },
      access: { redeem: async () => null, redeemCode: async () => null },
      pending: { note: () => undefined },
      sessions: createSessions(randomBytes(32), systemClock),
      routes: [],
    },
    {
      version: 'bench',
      locale: 'pt-BR',
      hosts: [],
      trustLocal: true,
      maxBodyBytes: 1_048_576,
      maxLineBytes: 65_536,
      idleTimeoutMs: 30_000,
      consoleDirectory: join(directory, 'none'),
      run: 'bench',
    },
  );
  return {
    url: await addressOf(app),
    stored: async () => (await bus.ranges(TOPICS.transactions)).reduce((sum, { next }) => sum + next, 0),
    async close() {
      await app.close();
      await bus.close();
    },
  };
}

interface Load {
  readonly perSecond: number;
  /** Requests per second of work of the thread that serves. */
  readonly perCpuSecond: number;
  readonly p99Ms: number;
}

async function load(
  url: string,
  options: { readonly seconds: number; readonly connections: number; readonly type: string; readonly body: string },
): Promise<Load> {
  const before = process.threadCpuUsage();
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': options.type },
    body: options.body,
    connections: options.connections,
    duration: options.seconds,
    workers: 1,
  });
  const used = process.threadCpuUsage(before);
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`);
  const answered = result['2xx'];
  return { perSecond: answered / result.duration, perCpuSecond: answered / ((used.user + used.system) / 1e6), p99Ms: result.latency.p99 };
}

const SERVERS = ['bare', 'durable', 'guardian'] as const;
type Server = (typeof SERVERS)[number];

/** All take turns, so that what else the machine does hits each of them. */
async function measureSingles(
  urls: Readonly<Record<Server, string>>,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<BenchResult> {
  const options = { connections: CONNECTIONS, type: 'application/json', body: JSON.stringify(ITEM) };
  const loads: Record<Server, Load[]> = { bare: [], durable: [], guardian: [] };
  for (const server of SERVERS) await load(`${urls[server]}/transaction`, { ...options, seconds: 1 });
  for (let round = 0; round < rounds; round++) {
    for (const server of SERVERS) loads[server].push(await load(`${urls[server]}/transaction`, { ...options, seconds }));
  }
  const median = (server: Server, figure: keyof Load): number =>
    quantile(
      loads[server].map((one) => one[figure]),
      0.5,
    );
  const reference = median('bare', 'perSecond');
  return {
    name: 'single posts, each on disk before its answer',
    value: Math.round(median('guardian', 'perSecond')),
    unit: 'records/s',
    better: 'higher',
    reference: { name: 'bare Fastify, same body, no work', value: Math.round(reference) },
    goal: Math.round(reference * 0.85),
    details: {
      connections: CONNECTIONS,
      rounds,
      share_of_bare: round2(median('guardian', 'perSecond') / reference),
      share_of_bare_per_cpu_second: round2(median('guardian', 'perCpuSecond') / median('bare', 'perCpuSecond')),
      durable_per_second: Math.round(median('durable', 'perSecond')),
      durable_share_of_bare: round2(median('durable', 'perSecond') / reference),
      share_of_durable: round2(median('guardian', 'perSecond') / median('durable', 'perSecond')),
      p99_ms: median('guardian', 'p99Ms'),
      durable_p99_ms: median('durable', 'p99Ms'),
      bare_p99_ms: median('bare', 'p99Ms'),
    },
  };
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

async function measureBatches({ url, stored }: Listening, seconds: number): Promise<readonly BenchResult[]> {
  const line = JSON.stringify(ITEM);
  const kinds = [
    { name: 'batch, NDJSON', type: 'application/x-ndjson', body: `${line}\n`.repeat(BATCH_RECORDS) },
    { name: 'batch, JSON array', type: 'application/json', body: `[${Array.from({ length: BATCH_RECORDS }, () => line).join()}]` },
  ];
  const results: BenchResult[] = [];
  for (const { name, type, body } of kinds) {
    const before = await stored();
    const one = await load(`${url}/transactions/batch`, { seconds, connections: BATCH_CONNECTIONS, type, body });
    const kept = (await stored()) - before;
    if (kept < one.perSecond * seconds * BATCH_RECORDS * 0.9) throw new Error(`${name}: answered more than was stored (${kept})`);
    results.push({
      name,
      value: Math.round(one.perSecond * BATCH_RECORDS),
      unit: 'records/s',
      better: 'higher',
      goal: 100_000,
      details: {
        records_per_batch: BATCH_RECORDS,
        bytes_per_record: line.length,
        connections: BATCH_CONNECTIONS,
        per_cpu_second: Math.round(one.perCpuSecond * BATCH_RECORDS),
        p99_ms: one.p99Ms,
      },
    });
  }
  return results;
}
