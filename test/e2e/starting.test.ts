import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import pino from 'pino';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { startApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import { systemClock } from '../../src/clock.ts';

const THREAD = new URL('./delayed-pipeline-thread.ts', import.meta.url);

/** A program whose port is open and whose pipeline waits for `release`. */
async function startSlowly(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'guardian-starting-'));
  const { config } = loadConfig({ env: {}, cwd: root, flags: { data_dir: root, 'http.port': '0', 'log.level': 'silent' } });
  const listening = Promise.withResolvers<string>();
  const started = startApp(
    config,
    { clock: systemClock, log: pino({ level: 'silent' }) },
    { pipelineThread: THREAD, onListening: listening.resolve },
  );
  started.catch(listening.reject);
  const address = await listening.promise;
  t.after(async () => {
    await writeFile(join(root, 'fail'), '');
    await started.then((app) => app.stop()).catch(() => undefined);
    await rm(root, { recursive: true, force: true });
  });
  return { address, started, release: (how: 'go' | 'fail') => writeFile(join(root, how), '') };
}

function post(address: string, id: string): Promise<Response> {
  const body = JSON.stringify({ id, status: 'approved', timestamp: new Date().toISOString() });
  return fetch(`${address}/transaction`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

test('transactions are accepted before the database is open, and everything else says that the program is starting', async (t) => {
  const { address, started, release } = await startSlowly(t);
  // More than the failures after which a store that does not answer would be left alone.
  for (let n = 0; n < 12; n += 1) assert.equal((await post(address, `early-${n}`)).status, 202);

  const ready = await fetch(`${address}/ready`);
  assert.deepEqual([ready.status, ready.headers.get('retry-after')], [503, '1']);
  assert.equal(((await ready.json()) as { status: string }).status, 'starting');
  const health = await fetch(`${address}/health`);
  assert.equal(health.status, 503);
  const { status, checks } = (await health.json()) as Health;
  assert.deepEqual([status, checks['log']?.status, checks['store']?.status], ['starting', 'ok', 'starting']);
  assert.equal((await fetch(`${address}/metrics`)).status, 200);

  const reads = ['/stats', '/series?minutes=60', '/merchants', '/anomalies', '/alerts', '/feedback', '/progress', '/forecast'];
  for (const path of [...reads, '/transaction/early-1', '/stream']) {
    const accept = path === '/stream' ? { accept: 'text/event-stream' } : { accept: 'application/json' };
    const answer = await fetch(address + path, { headers: { ...accept, 'accept-language': 'en' } });
    const problem = (await answer.json()) as Problem;
    assert.deepEqual([path, answer.status, problem.code], [path, 503, 'APP_STARTING']);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.match(problem.detail ?? '', /is starting\. It accepts transactions/);
  }

  await release('go');
  const app = await started;
  await app.drained();
  assert.equal((await fetch(`${address}/ready`)).status, 200);
  assert.deepEqual(await app.database.query('select sum(count)::int as n from minute_count'), [{ n: 12 }]);
  assert.equal((await fetch(`${address}/transaction/early-1`)).status, 200);
  const stream = await fetch(`${address}/stream`, { headers: { accept: 'text/event-stream' } });
  assert.equal(stream.status, 200);
  await stream.body?.cancel();
});

test('a pipeline that cannot be started ends the program with its reason, and closes the port', async (t) => {
  const { address, started, release } = await startSlowly(t);
  assert.equal((await post(address, 'early')).status, 202);
  await release('fail');
  await assert.rejects(started, { code: 'STORE_MIGRATION', message: 'a start that fails' });
  await assert.rejects(fetch(`${address}/health`));
});
