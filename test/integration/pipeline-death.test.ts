import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import pino from 'pino';
import { startApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import { systemClock } from '../../src/clock.ts';
import { ANY_AGE, waitFor } from '../e2e/product.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const THREAD = new URL('./mortal-pipeline-thread.ts', import.meta.url);

/** Starts the program with a pipeline thread that dies when the data directory has a file `die`. */
const startMortal = (root: string, settings: Readonly<Record<string, string>> = {}) => {
  const flags = { data_dir: root, 'http.port': '0', 'log.level': 'silent', ...ANY_AGE, ...settings };
  const { config } = loadConfig({ env: {}, cwd: root, flags });
  return startApp(config, { clock: systemClock, log: pino({ level: 'silent' }) }, { pipelineThread: THREAD });
};

test(
  'when the pipeline thread dies, records are accepted, health says so, it comes back and nothing is lost',
  { timeout: 900_000 },
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'guardian-death-'));
    const app = await startMortal(root);
    t.after(async () => {
      await app.stop();
      await rm(root, { recursive: true, force: true });
    });
    const health = async (): Promise<string> => ((await (await fetch(`${app.address}/health`)).json()) as { status: string }).status;
    let sent = 0;
    const post = async (): Promise<void> => {
      const body = JSON.stringify({ id: `tx-${sent}`, status: 'approved', timestamp: new Date(START + sent * 1000).toISOString() });
      const response = await fetch(`${app.address}/transaction`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      assert.equal(response.status, 202, `the answer to ${sent}`);
      sent += 1;
    };
    await post();
    await app.drained();
    assert.equal(await health(), 'healthy');

    await writeFile(join(root, 'die'), '');
    await waitFor(async () => {
      await post();
      return (await health()) === 'degraded' ? true : undefined;
    });
    for (let count = 0; count < 50; count += 1) await post();
    await waitFor(async () => {
      await post();
      return (await health()) === 'healthy' ? true : undefined;
    });
    await app.drained();
    const [row] = await app.database.query('select sum(count)::int as total from minute_count');
    assert.deepEqual(row, { total: sent });
  },
);

/** The shards that this process has, those included that have ended and are not taken note of. */
async function shardsHere(): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const thread of await readdir('/proc/self/task')) {
    const children = await readFile(`/proc/self/task/${thread}/children`, 'utf8').catch(() => '');
    pids.push(...children.split(' ').filter(Boolean).map(Number));
  }
  return pids;
}

test(
  'when the thread dies its shards end with it, one that stands still too, and none is left behind unburied',
  { timeout: 900_000, skip: process.platform !== 'linux' },
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'guardian-shards-'));
    const app = await startMortal(root, { 'detect.shards': '2' });
    t.after(async () => {
      await app.stop();
      await waitFor(async () => ((await shardsHere()).length === 0 ? true : undefined));
      await rm(root, { recursive: true, force: true });
    });
    const checks = async () => {
      const answer = (await (await fetch(`${app.address}/health`)).json()) as { checks: Record<string, { status: string }> };
      return answer.checks;
    };
    const areWell = async (): Promise<true | undefined> => {
      const now = await checks();
      return ['shard:1', 'shard:2'].every((name) => now[name]?.status === 'ok') ? true : undefined;
    };
    await waitFor(areWell);
    const before = await shardsHere();
    assert.equal(before.length, 2);
    process.kill(before[0] ?? 0, 'SIGSTOP');

    await writeFile(join(root, 'die'), '');
    await waitFor(async () => {
      const now = await checks();
      if (now['pipeline']?.status !== 'down') return undefined;
      assert.equal(
        Object.keys(now).some((name) => name.startsWith('shard:')),
        false,
        'those of a thread that is gone are none',
      );
      return true;
    });
    await waitFor(async () => ((await shardsHere()).some((pid) => before.includes(pid)) ? undefined : true));
    await waitFor(areWell);
    assert.equal((await shardsHere()).length, 2);
  },
);
