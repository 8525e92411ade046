import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { readOutcome, totalsOf } from '../e2e/outcome.ts';
import { apiAt, environment, MAIN, startReceiver, waitFor, type Api, type Receiver } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { startKafka, type KafkaServer } from './kafka-server.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const MINUTES = 160;
const START = Date.parse('2026-03-10T12:00:00Z');
const LINES = incidentMinutes({ start: START, minutes: MINUTES, seed: 5 });
/** Lines up to the middle of the incident. */
const FIRST = 95 * 5;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const TOKEN = 'a-service-token-that-all-processes-share';

interface Worker extends Api {
  readonly name: string;
  readonly role: string;
  readonly child: ChildProcess;
  output(): string;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

describe('a process for each role, on Kafka and PostgreSQL', { timeout: 1_200_000 }, () => {
  let postgres: PostgresServer;
  let kafka: KafkaServer;
  let receiver: Receiver;
  let folder: string;
  let url: string;
  const workers: Worker[] = [];

  before(async () => {
    const { server, missing } = await startKafka();
    assert.ok(server !== null, missing);
    kafka = server;
    [postgres, receiver] = [await startPostgres({ max_connections: '200' }), await startReceiver()];
    folder = await mkdtemp(join(tmpdir(), 'guardian-shared-'));
    url = await postgres.createDatabase();
    await writeFile(
      join(folder, 'guardian.yaml'),
      JSON.stringify({
        http: { port: 0 },
        probe: { port: 0 },
        access: { service_token: TOKEN, signing_secret: 'a-signing-secret-that-all-processes-share' },
        bus: { engine: 'kafka', partitions: 4, kafka: { brokers: [kafka.address], prefix: `${randomUUID().slice(0, 8)}.` } },
        store: { engine: 'postgres', url, connections: 5 },
        alert: {
          group_wait_s: 0.3,
          group_interval_s: 1,
          receivers: [{ name: 'night-shift', url: receiver.url, token: 'phone-token' }],
        },
      }),
    );
    await Promise.all(['api', 'api', 'window', 'window', 'detect', 'detect', 'alert', 'data'].map((role) => start(role)));
  });
  after(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
    await receiver.down();
    await Promise.all([postgres.stop(), kafka.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function start(role: string, ...flags: readonly string[]): Promise<Worker> {
    const name = `${role}-${workers.length}`;
    // Each has a data directory of its own, as on a machine of its own.
    const args = [MAIN, 'up', '--role', role, '--config', join(folder, 'guardian.yaml'), '--data_dir', join(folder, name), ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    const exited = once(child, 'exit');
    const address = (): string => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? 'http://127.0.0.1:9';
    const worker: Worker = {
      ...apiAt(address, join(folder, name)),
      ...{ name, role, child },
      get address() {
        return address();
      },
      output: () => output,
      async end(signal) {
        if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
        child.kill(signal);
        await exited;
        return child.exitCode;
      },
    };
    workers.push(worker);
    return worker;
  }

  const of = (role: string): readonly Worker[] =>
    workers.filter((one) => one.role === role && one.child.exitCode === null && !one.child.killed);
  /** The process that has a role, by what it has logged. */
  const holder = (role: string): Promise<Worker> => waitFor(async () => of(role).find((one) => one.output().includes('"role taken"')));
  const [apis] = [() => of('api')];

  /** Sends a part through both APIs in turn until all of it is confirmed. */
  async function send(lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; at += 25) {
      const part = lines.slice(at, at + 25);
      await waitFor(async () => {
        const api = apis()[(at / 25) % apis().length];
        const response = await api?.post('/transactions/batch', part.join('\n'), NDJSON).catch(() => undefined);
        if (response === undefined || !response.ok) return undefined;
        const answer = (await response.json()) as { accepted: number; duplicate: number };
        return answer.accepted + answer.duplicate === part.length ? true : undefined;
      });
    }
  }

  async function rows(statement: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  const health = (api: Worker) => api.get<{ status: string; checks: Record<string, { status: string; detail?: string }> }>('/health');

  test('all of them find each other, and each API reports the whole', async () => {
    for (const api of apis())
      await waitFor(async () => ((await health(api).catch(() => undefined))?.status === 'healthy' ? true : undefined)).catch(
        async (error) => {
          throw new Error(
            `${JSON.stringify(await health(api).catch(String))}\n${workers.map((one) => `${one.name}: ${one.output()}`).join('\n')}`,
            { cause: error },
          );
        },
      );
  });

  test('a kill of a worker, and of the active detector and the alerter in the middle of an incident: nothing is lost or doubled', async (t) => {
    await send(LINES.slice(0, 40 * 5));
    const [victim] = of('window');
    await victim?.end('SIGKILL');
    await send(LINES.slice(40 * 5, FIRST));
    await waitFor(async () => (receiver.bodies.some(({ status }) => status === 'firing') ? true : undefined));

    const active = await holder('detect');
    const killedAt = performance.now();
    await active.end('SIGKILL');
    await holder('detect');
    t.diagnostic(`the standby had the role ${Math.round(performance.now() - killedAt)} ms after the kill`);
    await (await holder('alert')).end('SIGKILL');
    await start('alert');
    await send(LINES.slice(FIRST));
    const at = new Date(START + MINUTES * 60_000 + 90_000).toISOString();
    const [api, other] = apis();
    assert.ok(api !== undefined && other !== undefined);
    await api.post('/heartbeat', JSON.stringify({ source: 'test', at }));

    const outcome = await readOutcome(api, { start: START, minutes: MINUTES });
    assert.deepEqual(outcome.totals, totalsOf(LINES));
    assert.deepEqual(await readOutcome(other, { start: START, minutes: MINUTES }), outcome, 'both APIs answer the same');
    const stored = await rows('select status, sum(count)::int as total from minute_count group by status having sum(count) > 0');
    assert.deepEqual(Object.fromEntries(stored.map(({ status, total }) => [status, total])), notZero(totalsOf(LINES)));
    const [ids] = await rows('select count(*)::int as n, count(distinct id)::int as different from transaction');
    assert.deepEqual([ids?.['n'], ids?.['different']], [LINES.length, LINES.length]);

    const alerts = await waitFor(async () => {
      const { items } = await api.get<{ items: { status: string; fingerprint: string; starts_at: string; ends_at: string }[] }>(
        '/alerts?status=all',
      );
      return items.length > 0 && items.every(({ status }) => status === 'resolved') ? items : undefined;
    });
    t.diagnostic(JSON.stringify({ anomalies: outcome.anomalies, alerts }));
    assert.equal(new Set(alerts.map(({ fingerprint, starts_at }) => `${fingerprint} ${starts_at}`)).size, alerts.length);
    assert.equal(outcome.anomalies.length, 1);
    assert.equal(alerts.length, 1);
  });

  test('a session and a link of one API are those of the other one', async () => {
    const [one, other] = apis();
    assert.ok(one !== undefined && other !== undefined);
    const authorization = `Bearer ${TOKEN}`;
    const token = /\?token=(\S+)/.exec(one.output())?.[1] ?? '';
    const open = (api: Worker) => api.post('/session', JSON.stringify({ token }));
    const opened = await open(one);
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    assert.match(cookie, /^guardian_session=/);
    const again = await open(other);
    assert.equal(again.headers.get('set-cookie'), null, 'a link works once, whoever takes it');
    const asBrowser = (api: Worker) => ({ cookie, origin: api.address });
    assert.equal((await fetch(`${other.address}/stats`, { headers: asBrowser(other) })).status, 200);
    assert.equal((await fetch(`${one.address}/session`, { method: 'DELETE', headers: asBrowser(one) })).status, 204);
    await waitFor(async () => ((await fetch(`${other.address}/stats`, { headers: asBrowser(other) })).status === 401 ? true : undefined));
    const rotated = await fetch(`${one.address}/api/v1/access/token/rotate`, { method: 'POST', headers: { authorization } });
    assert.deepEqual([rotated.status, ((await rotated.json()) as { code: string }).code], [409, 'AUTH_TOKEN_CONFIGURED']);
  });

  test('an API that starts while the broker is away says what it holds to those who close minutes; a stage that waits is absent', async () => {
    const reportsOf = (worker: Worker) =>
      rows(`select (report->>'heldSince')::float8 as since from process_report where (report->>'pid')::int = ${worker.child.pid}`);
    const heldBy = async (worker: Worker): Promise<number | undefined> => {
      const [row] = await reportsOf(worker);
      return typeof row?.['since'] === 'number' ? row['since'] : undefined;
    };
    const lines = LINES.slice(-5).map((line) => line.replace('"id":"', '"id":"held-'));
    await kafka.kill();
    const [waiting, late] = [await start('detect'), await start('api')];
    await waitFor(async () => {
      const response = await late.post('/transactions/batch', lines.join('\n'), NDJSON).catch(() => undefined);
      return response?.status === 202 ? true : undefined;
    });
    assert.ok(Date.now() - (await waitFor(() => heldBy(late))) < 120_000);
    assert.deepEqual(await reportsOf(waiting), []);
    await kafka.start();
    await waitFor(async () => {
      const [found] = await rows(`select count(*)::int as n from transaction where id like 'held-%'`);
      return found?.['n'] === lines.length ? true : undefined;
    });
  });

  test('when every process starts while the database is away, the receiver hears of it once, and of its end', async () => {
    const living = workers.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    await Promise.all(living.map((worker) => worker.end('SIGKILL')));
    await postgres.kill();
    const before = receiver.bodies.length;
    const heard = (status: string): readonly unknown[] =>
      receiver.bodies
        .slice(before)
        .flatMap(({ alerts }) => alerts)
        .filter((one) => one.status === status && one.labels['alertname'] === 'GuardianDetectionStandsStill');
    const roles = ['api', 'window', 'detect', 'alert', 'alert', 'data', 'data'];
    // Long enough for a slow machine: a process that stands still for so long is taken for dead, and another one notifies too.
    await Promise.all(roles.map((role) => start(role, '--watchdog.still_s', '25')));
    await waitFor(async () => (heard('firing').length > 0 ? true : undefined));
    // So long each of them would wait for the log to elect somebody.
    await sleep(30_000);
    assert.equal(heard('firing').length, 1, JSON.stringify(heard('firing')));
    assert.match(JSON.stringify(heard('firing')), /banco de dados está fora do ar há \d+ s/);
    await postgres.start();
    await waitFor(async () => (heard('resolved').length > 0 ? true : undefined));
    assert.deepEqual([heard('firing').length, heard('resolved').length], [1, 1], JSON.stringify(receiver.bodies.slice(before)));
  });

  test('they stop in good order', async () => {
    const living = workers.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    const codes = await Promise.all(living.map((worker) => worker.end('SIGTERM')));
    assert.deepEqual(new Set(codes), new Set([0]), living.map((one, index) => `${one.name}: ${codes[index]}`).join());
  });
});

function notZero(totals: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(totals).filter(([, total]) => total > 0));
}
