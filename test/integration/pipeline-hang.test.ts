import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import pino, { type Logger } from 'pino';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { startApp, type App } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import { systemClock } from '../../src/clock.ts';
import { ANY_AGE, startReceiver, waitFor, type Receiver } from '../e2e/product.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const THREAD = new URL('./mortal-pipeline-thread.ts', import.meta.url);

interface Site {
  readonly root: string;
  readonly app: App;
  readonly receiver: Receiver;
  health(): Promise<{ readonly code: number; readonly body: Health }>;
  /** `aheadS`: seconds of event time that nothing came before. */
  post(aheadS?: number): Promise<number>;
}

/** `log`: with the thread that ships instead of one that hangs when it is told. */
async function createSite(t: TestContext, flags: Readonly<Record<string, string>> = {}, log?: Logger): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-hang-'));
  const receiver = await startReceiver();
  const file = join(root, 'guardian.yaml');
  await writeFile(file, `briefing: { shifts: [] }\nalert:\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n`);
  const { config } = loadConfig({
    env: {},
    cwd: root,
    file,
    flags: {
      data_dir: root,
      'http.port': '0',
      'log.level': 'silent',
      'watchdog.still_s': '4',
      'watchdog.restart_s': '10',
      ...ANY_AGE,
      ...flags,
    },
  });
  const deps = { clock: systemClock, log: log ?? pino({ level: 'silent' }) };
  const app = await startApp(config, deps, log === undefined ? { pipelineThread: THREAD } : {});
  t.after(async () => {
    await app.stop().catch(() => undefined);
    await receiver.down();
    await rm(root, { recursive: true, force: true });
  });
  let sent = 0;
  let ahead = 0;
  return {
    root,
    app,
    receiver,
    async health() {
      const response = await fetch(`${app.address}/health`);
      return { code: response.status, body: (await response.json()) as Health };
    },
    async post(aheadS = 0) {
      ahead += aheadS;
      const timestamp = new Date(START + (sent + ahead) * 1000).toISOString();
      const body = JSON.stringify({ id: `tx-${sent}`, status: 'approved', timestamp });
      const response = await fetch(`${app.address}/transaction`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      assert.equal(response.status, 202);
      return ++sent;
    },
  };
}

describe('a pipeline thread that hangs', { timeout: 900_000 }, () => {
  test('health answers 503 and says why, the receivers are notified, it is started again, and nothing is lost', async (t) => {
    const { root, app, receiver, health, post } = await createSite(t);
    await post();
    await app.drained();
    assert.equal((await health()).code, 200);

    await writeFile(join(root, 'hang'), '');
    const bad = await waitFor(async () => {
      await post();
      const now = await health();
      return now.code === 503 ? now.body : undefined;
    });
    assert.equal(bad.status, 'unhealthy');
    assert.equal(bad.checks['detection']?.status, 'down');
    assert.match(bad.checks['detection']?.detail ?? '', /stood still .*does not respond/);
    const firing = await waitFor(async () => receiver.bodies.find(({ status }) => status === 'firing'));
    assert.equal(firing.alerts[0]?.labels['alertname'], 'GuardianDetectionStandsStill');
    // A thread that hangs as soon as it is restarted ends nothing.
    await waitFor(async () => ((await health()).body.checks['detection']?.detail?.includes('restarting') === true ? true : undefined));
    assert.equal((await health()).code, 503);

    await rm(join(root, 'hang'));
    await waitFor(async () => ((await health()).body.status === 'healthy' ? true : undefined));
    const sent = await post();
    await app.drained();
    assert.deepEqual(await app.database.query('select sum(count)::int as total from minute_count'), [{ total: sent }]);
    const resolved = await waitFor(async () => receiver.bodies.find(({ status }) => status === 'resolved'));
    assert.equal(resolved.alerts[0]?.fingerprint, firing.alerts[0]?.fingerprint);
    const told = receiver.bodies.map(({ status }) => status);
    assert.deepEqual(told, ['firing', 'resolved'], 'one hang, one alert');
  });

  test('a stop ends within its deadline', async (t) => {
    const { root, app, post } = await createSite(t, { stop_deadline_s: '15', 'watchdog.restart_s': '600' });
    await post();
    await app.drained();
    await writeFile(join(root, 'hang'), '');
    await waitFor(async () => {
      const ping = app.database.query('select 1').then(() => true);
      const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), 500));
      return (await Promise.race([ping.catch(() => false), late])) ? undefined : true;
    });
    // A request that waits for the thread must not hold up the stop.
    const waiting = fetch(`${app.address}/stats`).catch(() => undefined);
    const asked = performance.now();
    await app.stop();
    assert.ok(performance.now() - asked < 30_000, 'the deadline, and what a slow machine adds');
    await waiting;
  });
});

/** Processes that this one has started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

describe('a shard of the detector that hangs', { timeout: 900_000, skip: process.platform !== 'linux' }, () => {
  test('health names it, the thread that waits for it is not ended, and another one judges what came', async (t) => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    // Less than a shard is waited for: that it hangs is no doing of the thread.
    const { app, health, post } = await createSite(t, { 'detect.shards': '2', 'watchdog.restart_s': '9' }, log);
    await post();
    await waitFor(async () => ((await health()).body.checks['shard:2']?.status === 'ok' ? true : undefined));
    const shards = await childrenOf(process.pid);
    assert.equal(shards.length, 2);
    process.kill(shards[0] ?? 0, 'SIGSTOP');
    const behind = await waitFor(async () => {
      await post(3600);
      const { checks } = (await health()).body;
      return Object.entries(checks).find(([name, { detail = '' }]) => name.startsWith('shard:') && detail.startsWith('behind'))?.[0];
    });
    await waitFor(async () => {
      const { status, detail = '' } = (await health()).body.checks[behind] ?? {};
      return status === 'ok' && detail.includes('replaced 1 time') ? true : undefined;
    });
    await app.drained();
    assert.deepEqual(
      lines.filter((line) => /stalled|exited/.test(line)),
      [],
    );
    assert.ok((await childrenOf(process.pid)).some((pid) => !shards.includes(pid)));
  });
});
