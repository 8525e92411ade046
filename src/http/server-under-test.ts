import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createDirectory } from '../auth/directory.ts';
import { createServiceToken } from '../auth/service-token.ts';
import type { Clock } from '../clock.ts';
import { createIngest, type IngestDeps, type IngestOptions } from '../ingest/ingest.ts';
import { createRecordingBus, type RecordingBus } from '../ingest/test-bus.ts';
import { renderMetrics } from '../telemetry/metrics.ts';
import { createSessions, type Sessions } from './auth.ts';
import { createServer, type ServerDeps, type ServerOptions } from './server.ts';

/** Noon of 22 November 2026, UTC: "now" of every test server. */
export const NOW = Date.UTC(2026, 10, 22, 12);

/** Service token of every test server. */
export const TEST_TOKEN = 'gst_test-token-of-the-test-server';

/** Headers of the command line at a test server: the actor `local`, unless somebody has the identity `cli`. */
export const CLI_HEADERS = { host: 'localhost', authorization: `Bearer ${TEST_TOKEN}`, 'guardian-identity': 'cli' };

/** A server for tests, with a recording bus and a clock that stands still until it is moved. */
export interface TestServer {
  readonly app: FastifyInstance;
  readonly bus: RecordingBus;
  readonly sessions: Sessions;
  readonly clock: Clock & { at: number };
  readonly metrics: Registry;
}

export interface TestServerOptions {
  readonly ingest?: Partial<IngestDeps & IngestOptions>;
  readonly deps?: Partial<ServerDeps>;
  readonly server?: Partial<ServerOptions>;
}

/** Builds a server that answers like the real one but keeps everything in memory. */
export async function createTestServer({
  ingest: ingestOptions = {},
  deps = {},
  server = {},
}: TestServerOptions = {}): Promise<TestServer> {
  const clock = { at: NOW, now: () => clock.at, monotonic: () => clock.at };
  const bus = createRecordingBus();
  const metrics = new Registry();
  const log = deps.log ?? pino({ level: 'silent' });
  let made = 0;
  const ingest = createIngest(
    {
      bus,
      knownIds: async () => ({ known: new Map(), isWhole: true }),
      clock,
      log,
      metrics,
      newId: () => `made-${++made}`,
      ...ingestOptions,
    },
    { timeZone: 'America/Sao_Paulo', maxFutureMs: 300_000, maxAgeMs: 1830 * 86_400_000, maxPendingRecords: 100_000, ...ingestOptions },
  );
  const sessions = deps.sessions ?? createSessions(Buffer.alloc(32, 7), clock);
  const app = await createServer(
    {
      ingest,
      clock,
      log,
      metrics,
      sessions,
      directory: createDirectory([]),
      token: createServiceToken(TEST_TOKEN),
      unknown: { refuse: async () => true },
      access: { redeem: async () => null, redeemCode: async () => null },
      pending: { note: () => undefined },
      renderMetrics: (format) => renderMetrics(metrics, format),
      findTransaction: async () => ({ kind: 'unknown' }),
      analyze: async () => {
        throw new Error('no analysis here');
      },
      health: () => ({ status: 'healthy', uptime: '1s', uptime_seconds: 1, version: '0', checks: {} }),
      ready: () => ({ status: 'ready', reasons: [] }),
      routes: [],
      ...deps,
    },
    {
      version: '0.0.0',
      locale: 'en',
      hosts: [],
      trustLocal: true,
      maxBodyBytes: 1_048_576,
      maxLineBytes: 65_536,
      idleTimeoutMs: 30_000,
      consoleDirectory: join(tmpdir(), 'no-console-here'),
      run: 'test',
      ...server,
    },
  );
  return { app, bus, sessions, clock, metrics };
}
