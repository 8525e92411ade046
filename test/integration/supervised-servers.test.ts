import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunAnswer, RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import { Client } from 'pg';
import { freePort } from '../e2e/free-port.ts';
import { apiAt, MAIN, runGuardian, waitFor, type Api } from '../e2e/product.ts';
import { startSender, type SteadySender } from '../e2e/steady-sender.ts';
import { startKafka, type KafkaServer } from './kafka-server.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const TOKEN = 'a-service-token-that-all-processes-share';
const CHILDREN = ['data', 'api', 'window.1', 'window.2', 'detect', 'alert'];

describe('guardian up with a list of processes, on Kafka and PostgreSQL', { timeout: 900_000 }, () => {
  let kafka: KafkaServer;
  let postgres: PostgresServer;
  let url: string;
  let root: string;
  let config: string;
  let supervisor: ReturnType<typeof spawn>;
  let product: Api;
  let output = '';
  let load: SteadySender | undefined;

  const processes = (): readonly SupervisedProcess[] =>
    (JSON.parse(readFileSync(join(root, 'supervisor.json'), 'utf8')) as { processes: SupervisedProcess[] }).processes;
  const runs = (name: string): number | null => {
    const found = processes().find((one) => one.name === name);
    return found?.phase === 'running' ? found.pid : null;
  };
  const allRun = (names: readonly string[]): Promise<true> =>
    waitFor(async () => {
      const health = await product.get<{ status: string }>('/health').catch(() => undefined);
      return health !== undefined && health.status !== 'unhealthy' && names.every((name) => runs(name) !== null) ? true : undefined;
    });

  async function run(name: string, parameters: Record<string, unknown> = {}): Promise<RunRecord> {
    const act = async (path: string, body: object): Promise<RunAnswer> => {
      const response = await product.post(`/api/v1${path}`, JSON.stringify(body), { authorization: `Bearer ${TOKEN}` });
      const answer = await response.json();
      assert.equal(response.status, 202, JSON.stringify(answer));
      return answer as RunAnswer;
    };
    const asked = await act(`/runbooks/${name}/runs`, { parameters });
    const { run: begun } = await act('/runbooks/confirm', { code: asked.confirmation?.code });
    return waitFor(async () => {
      const record = await product.get<RunRecord>(`/api/v1/runbook-runs/${begun?.id}`).catch(() => undefined);
      return record?.steps !== undefined && record.state !== 'running' ? record : undefined;
    });
  }

  before(async () => {
    const { server, missing } = await startKafka();
    assert.ok(server !== null, missing);
    [kafka, postgres] = [server, await startPostgres({ max_connections: '100' })];
    root = await mkdtemp(join(tmpdir(), 'guardian-supervised-servers-'));
    url = await postgres.createDatabase();
    const port = await freePort();
    config = join(root, 'guardian.yaml');
    await writeFile(
      config,
      JSON.stringify({
        data_dir: root,
        http: { port },
        access: { service_token: TOKEN, signing_secret: 'a-signing-secret-that-all-processes-share' },
        bus: { engine: 'kafka', partitions: 4, kafka: { brokers: [kafka.address], prefix: 'supervised.' } },
        store: { engine: 'postgres', url, connections: 5 },
      }),
    );
    const args = [MAIN, 'up', '--processes', 'data,api,window=2,detect,alert', '--config', config];
    supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    for (const stream of [supervisor.stdout, supervisor.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    product = apiAt(() => `http://127.0.0.1:${port}`, root);
    await allRun(CHILDREN).catch((error: unknown) => {
      throw new Error(`the processes did not get ready:\n${output}`, { cause: error });
    });
    load = startSender(() => product.address);
  });
  after(async () => {
    load?.abandon();
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      const gone = once(supervisor, 'exit');
      supervisor.kill('SIGKILL');
      await gone;
    }
    await Promise.all([postgres.stop(), kafka.stop()]);
    await rm(root, { recursive: true, force: true });
  });

  test('all children come back after a kill -9 of each', async () => {
    const before = new Map(processes().map(({ name, pid }) => [name, pid]));
    for (const name of CHILDREN) process.kill(runs(name) ?? 0, 'SIGKILL');
    for (const name of CHILDREN)
      await waitFor(async () => {
        const now = runs(name);
        return now === null || now === before.get(name) ? undefined : now;
      });
    await allRun(CHILDREN);
  });

  test('scale-workers and restart-api act on the processes', async () => {
    const scaled = await run('scale-workers', { workers: 3 });
    assert.equal(scaled.state, 'done', JSON.stringify(scaled));
    await waitFor(async () => runs('window.3') ?? undefined);
    const [api, worker] = [runs('api'), runs('window.3')];
    const restarted = await run('restart-api');
    assert.equal(restarted.state, 'done', JSON.stringify(restarted));
    assert.notEqual(runs('api'), api);
    assert.equal(runs('window.3'), worker);
    const had = load?.accepted.size ?? 0;
    await waitFor(async () => ((load?.accepted.size ?? 0) > had + 50 ? true : undefined));
  });

  test('what was accepted all along is stored and counted once', async () => {
    const accepted = (await load?.stop()) ?? new Set();
    const client = new Client({ connectionString: url });
    await client.connect();
    const numbers = async (): Promise<readonly unknown[]> => {
      const { rows } = await client.query(
        `select (select count(*)::int from transaction) as rows, (select count(distinct id)::int from transaction) as ids,
           (select sum(count)::int from minute_count) as counted`,
      );
      return Object.values(rows[0] as object);
    };
    const all = Array.from({ length: 3 }, () => accepted.size);
    await waitFor(async () => ((await numbers()).every((one) => one === accepted.size) ? true : undefined)).catch(() => undefined);
    assert.deepEqual(await numbers(), all);
    await client.end();
  });

  test('a backup of the data directory is refused with the reason: nothing of the log is in it', async () => {
    const { code, output: said } = await runGuardian(['backup', '--locale', 'en', '--to', join(root, 'backup'), '--config', config]);
    assert.equal(code, 1);
    assert.match(said, /The log is on the brokers \(bus\.engine: kafka\)/);
  });

  test('SIGTERM ends all of them in good order', async () => {
    const exited = once(supervisor, 'exit');
    supervisor.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null], output.slice(-2000));
  });
});
