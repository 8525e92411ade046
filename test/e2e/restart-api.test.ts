import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunAnswer, RunRecord, RunbookRunPage } from '@transaction-guardian/contracts/runbook.ts';
import { freePort } from './free-port.ts';
import { startProduct, waitFor, type Product } from './product.ts';
import { startSender } from './steady-sender.ts';

const LAUNCHER = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

interface Started {
  readonly address: string;
  readonly dir: string;
  readonly launcher: ChildProcess;
  act<T>(path: string, body: object): Promise<T>;
  run(id: string): Promise<RunRecord>;
}

/** The server as `npm start` runs it: below the launcher, on a port that it keeps. */
async function start(t: TestContext, flags: readonly string[] = []): Promise<Started> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-restart-'));
  const port = await freePort();
  const args = [LAUNCHER, '--data_dir', dir, '--http.port', String(port), ...flags];
  const launcher = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const address = `http://127.0.0.1:${port}`;
  t.after(async () => {
    launcher.kill('SIGTERM');
    if (launcher.exitCode === null) await new Promise((resolve) => launcher.once('exit', resolve));
    rmSync(dir, { recursive: true, force: true });
  });
  await waitFor(async () => ((await fetch(`${address}/ready`).catch(() => undefined))?.ok === true ? true : undefined));
  return {
    ...{ address, dir, launcher },
    async act<T>(path: string, body: object) {
      const authorization = `Bearer ${readFileSync(join(dir, 'service-token'), 'utf8').trim()}`;
      const headers = { 'content-type': 'application/json', authorization };
      const response = await fetch(`${address}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const answer: unknown = await response.json();
      assert.equal(response.status, 202, JSON.stringify(answer));
      return answer as T;
    },
    run: async (id) => (await (await fetch(`${address}/api/v1/runbook-runs/${id}`)).json()) as RunRecord,
  };
}

/** The record of a run once it has ended, over times in which the server is away. */
const ended = ({ run }: Pick<Started, 'run'>, id: string): Promise<RunRecord> =>
  waitFor(async () => {
    const record = await run(id).catch(() => undefined);
    return record?.steps !== undefined && record.state !== 'running' ? record : undefined;
  });

test(
  'restart-api under load: everything accepted is stored, and the record of the run is complete',
  { skip: process.platform === 'win32' },
  async (t) => {
    const server = await start(t);
    const load = startSender(() => server.address, 4);
    t.after(() => load.abandon());
    await waitFor(async () => (load.accepted.size > 50 ? true : undefined));
    const pid = readFileSync(join(server.dir, 'guardian.pid'), 'utf8');
    const asked = await server.act<RunAnswer>('/runbooks/restart-api/runs', {});
    assert.equal(asked.run, null);
    const confirmed = await server.act<RunAnswer>('/runbooks/confirm', { code: asked.confirmation?.code });
    const before = load.accepted.size;
    const record = await ended(server, confirmed.run?.id ?? '');
    assert.deepEqual(
      [record.state, ...record.steps.map(({ state }) => state)],
      ['done', 'done', 'done', 'done', 'done'],
      JSON.stringify(record),
    );
    assert.ok(record.steps.every(({ started_at, ended_at }) => started_at !== null && ended_at !== null));
    assert.deepEqual([record.requested_by.id, record.confirmed_by?.id], ['service', 'service']);
    assert.notEqual(readFileSync(join(server.dir, 'guardian.pid'), 'utf8'), pid);
    await waitFor(async () => (load.accepted.size > before + 50 ? true : undefined));
    const accepted = await load.stop();
    const stored = await waitFor(async () => {
      const found = await Promise.all([...accepted].map(async (id) => (await fetch(`${server.address}/transaction/${id}`)).status === 200));
      return found.every(Boolean) ? found.length : undefined;
    });
    assert.equal(stored, accepted.size);
  },
);

test(
  'kill -9 in the middle of a step: the next start says interrupted with the step, and ends what it had started',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'guardian-killed-run-'));
    const products: Product[] = [];
    t.after(async () => {
      for (const product of products) await product.kill();
      rmSync(dir, { recursive: true, force: true });
    });
    const folder = join(dir, 'runbooks');
    const pidFile = join(dir, 'pid');
    await mkdir(folder);
    const script = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
    writeFileSync(
      join(folder, 'long.yaml'),
      `name: long
description: { pt-BR: a, en: b }
dry_run: { pt-BR: a, en: b }
roles: [operator]
confirm: none
steps:
  - name: { pt-BR: rápido, en: quick }
    sql: select 1 as one
  - name: { pt-BR: longo, en: long }
    command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(script)}]
    timeout: 10m
    leaves: { pt-BR: pela metade, en: half done }
`,
    );
    const flags = ['--runbooks.directory', folder];
    const first = await startProduct(join(dir, 'data'), flags);
    products.push(first);
    const answer = (await (await first.act('/api/v1/runbooks/long/runs', '{}')).json()) as RunAnswer;
    const child = Number(await waitFor(async () => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8') || undefined : undefined)));
    await first.kill();
    const second = await startProduct(join(dir, 'data'), flags);
    products.push(second);
    const record = await ended({ run: (id) => second.get(`/api/v1/runbook-runs/${id}`) }, answer.run?.id ?? '');
    assert.deepEqual(
      [record.state, record.failed_step, record.leaves?.en, ...record.steps.map(({ state }) => state)],
      ['interrupted', 2, 'half done', 'done', 'interrupted'],
    );
    assert.deepEqual(record.reason, { code: 'runbook_server_ended', params: { n: 1 } });
    await waitFor(async () =>
      existsSync(`/proc/${child}/cmdline`) && readFileSync(`/proc/${child}/cmdline`).length > 0 ? undefined : true,
    );
    // Nothing is stuck: it runs again, and a stop ends it.
    const again = (await (await second.act('/api/v1/runbooks/long/runs', '{}')).json()) as RunAnswer;
    assert.equal(again.run?.state, 'running');
    await second.stop();
  },
);

test('a server that nothing would start again refuses to restart, and keeps running', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-alone-'));
  const product = await startProduct(dir);
  t.after(async () => {
    await product.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const asked = await product.act('/api/v1/runbooks/restart-api/runs', '{}');
  const { code, reason, detail } = (await asked.json()) as { readonly code: string; readonly reason: string; readonly detail: string };
  assert.deepEqual([asked.status, code, reason], [409, 'RUNBOOK_REFUSED', 'unavailable'], detail);
  assert.deepEqual((await product.get<RunbookRunPage>('/api/v1/runbook-runs')).items, []);
  assert.equal((await fetch(`${product.address}/ready`)).status, 200);
});
