import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunAnswer, RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { Health, SupervisedProcess } from '@transaction-guardian/contracts/stats.ts';
import { freePort } from '../e2e/free-port.ts';
import { apiAt, MAIN, runGuardian, startReceiver, waitFor, type Api, type Receiver } from '../e2e/product.ts';
import { startSender, type SteadySender } from '../e2e/steady-sender.ts';

const PARTITIONS = 4;

describe('guardian up with a list of processes', { skip: process.platform === 'win32', timeout: 900_000 }, () => {
  let root: string;
  let receiver: Receiver;
  let supervisor: ReturnType<typeof spawn>;
  let product: Api;
  let output = '';
  let load: SteadySender | undefined;

  const note = (): { readonly pid: number; readonly processes: readonly SupervisedProcess[] } =>
    JSON.parse(readFileSync(join(root, 'supervisor.json'), 'utf8')) as ReturnType<typeof note>;
  const pidOf = (name: string): number => note().processes.find((one) => one.name === name)?.pid ?? 0;
  const health = (isSo: (health: Health) => boolean): Promise<Health> =>
    waitFor(async () => {
      const answer = await product.get<Health>('/health').catch(() => undefined);
      return answer !== undefined && isSo(answer) ? answer : undefined;
    });
  const allUp = ({ status, processes = [] }: Health): boolean =>
    status === 'healthy' && processes.every(({ phase }) => phase === 'running');
  const isAlive = (pid: number): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  async function run(name: string, parameters: Record<string, unknown> = {}): Promise<RunRecord> {
    const act = async (path: string, body: object): Promise<RunAnswer> => {
      const response = await product.act(`/api/v1${path}`, JSON.stringify(body));
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
    root = await mkdtemp(join(tmpdir(), 'guardian-supervised-'));
    receiver = await startReceiver();
    const address = `http://127.0.0.1:${await freePort()}`;
    const flags = ['--http.port', address.split(':')[2] ?? '', '--bus.partitions', String(PARTITIONS)];
    const receivers = JSON.stringify([{ name: 'night-shift', url: receiver.url, token: 'phone-token' }]);
    const args = [
      MAIN,
      'up',
      '--processes',
      'data,api,window=2,detect,alert',
      '--data_dir',
      root,
      ...flags,
      '--alert.receivers',
      receivers,
    ];
    supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    for (const stream of [supervisor.stdout, supervisor.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    product = apiAt(() => address, root);
    await health(allUp).catch((error: unknown) => {
      throw new Error(`the processes did not get ready:\n${output}`, { cause: error });
    });
    load = startSender(() => product.address);
  });
  after(async () => {
    load?.abandon();
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      const gone = once(supervisor, 'exit');
      supervisor.kill('SIGTERM');
      await gone;
    }
    await receiver.down();
    await rm(root, { recursive: true, force: true });
  });

  test('status lists them, and each line of the log is JSON that names its process', async () => {
    const status = await runGuardian(['status', '--locale', 'en', '--url', product.address]);
    assert.match(status.output, /Processes: data, api, window 2, detect, alert/);
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    const named = new Set(lines.map((line) => (JSON.parse(line) as { process?: string }).process));
    assert.deepEqual(
      ['data', 'api', 'window.1', 'window.2', 'detect', 'alert'].filter((name) => !named.has(name)),
      [],
    );
  });

  test('one that ends again and again is named in /health, as a metric and at the receivers; the others go on', async () => {
    const before = note().processes.filter(({ name }) => name !== 'detect');
    for (let kill = 1; kill <= 3; kill++) {
      process.kill(pidOf('detect'), 'SIGKILL');
      await waitFor(async () => {
        const { ends, pid } = note().processes.find(({ name }) => name === 'detect') ?? {};
        return ends === kill && pid !== null ? true : undefined;
      });
    }
    const ill = await health(({ checks }) => checks['process:detect']?.detail?.startsWith('ended 3 times') === true);
    assert.match(ill.checks['process:detect']?.detail ?? '', /^ended 3 times in 10 min, last with SIGKILL/);
    const metrics = await (await fetch(`${product.address}/metrics`)).text();
    assert.match(metrics, /guardian_process_failing\{process="detect"\} 1/);
    assert.match(metrics, /guardian_process_restarts_total\{process="detect"\} 3/);
    await waitFor(async () => {
      const alerts = receiver.bodies.flatMap((body) => body.alerts);
      return alerts.some(({ labels }) => labels['alertname'] === 'GuardianProcessFailing') ? true : undefined;
    });
    await waitFor(async () => (note().processes.every(({ phase }) => phase === 'running') ? true : undefined));
    assert.deepEqual(
      note()
        .processes.filter(({ name }) => name !== 'detect')
        .map(({ pid }) => pid),
      before.map(({ pid }) => pid),
    );
  });

  test('scale-workers starts processes that count, says how many there were and are, and refuses more than partitions', async () => {
    const above = await run('scale-workers', { workers: PARTITIONS + 1 });
    assert.deepEqual([above.state, above.reason], ['failed', { code: 'runbook_workers_partitions', params: { n: 5, partitions: 4 } }]);
    const scaled = await run('scale-workers', { workers: 4 });
    assert.equal(scaled.state, 'done', JSON.stringify(scaled));
    const said = scaled.steps.flatMap(({ facts }) => facts);
    assert.ok(
      said.some(({ code, params }) => code === 'runbook_workers_scaled' && params['before'] === 2 && params['after'] === 4),
      JSON.stringify(said),
    );
    assert.equal(note().processes.filter(({ role, phase }) => role === 'window' && phase === 'running').length, 4);
  });

  test('restart-api starts the API process again while traffic flows, and its run ends in the new one; the workers stay', async () => {
    const [api, worker] = [pidOf('api'), pidOf('window.4')];
    const had = load?.accepted.size ?? 0;
    const record = await run('restart-api');
    assert.equal(record.state, 'done', JSON.stringify(record));
    assert.equal(isAlive(api), false);
    assert.notEqual(pidOf('api'), api);
    assert.equal(pidOf('window.4'), worker);
    await waitFor(async () => ((load?.accepted.size ?? 0) > had + 50 ? true : undefined));
    const accepted = (await load?.stop()) ?? new Set();
    for (const id of accepted) await waitFor(async () => ((await fetch(`${product.address}/transaction/${id}`)).ok ? true : undefined));
    await waitFor(async () => {
      const { lag_records: lag } = await product.get<{ lag_records: number }>('/stats');
      return lag === 0 ? true : undefined;
    });
    const { by_status: counted } = await product.get<{ by_status: Record<string, number> }>('/stats');
    assert.ok((counted['approved'] ?? 0) <= accepted.size, 'nothing is counted twice');
  });

  test('a second supervisor on the data directory is refused', async () => {
    const second = await runGuardian(['up', '--locale', 'en', '--processes', 'window', '--data_dir', root]);
    assert.match(second.output, /already uses the data directory/);
    assert.equal(second.code, 1);
  });

  test('kill -9 of the supervisor leaves no process behind', { skip: process.platform !== 'linux' }, async () => {
    const pids = note().processes.map(({ pid }) => pid ?? 0);
    assert.ok(pids.length === 8 && pids.every(isAlive));
    supervisor.kill('SIGKILL');
    await waitFor(async () => (pids.some(isAlive) ? undefined : true));
  });
});
