import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { Gauge, Registry } from 'prom-client';
import { silentLog } from '../store/test-database.ts';
import { publishThreadState, readThreadState } from './thread-state.ts';

test('what a thread has published is known with its age, and a failing metric is no reason to take it for dead', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const time = { ms: 0 };
  const read = readThreadState(port2 as unknown as Worker, { monotonic: () => time.ms });
  assert.equal(read(), undefined, 'nothing is known before the first state');
  const metrics = new Registry();
  new Gauge({ name: 'guardian_answer', help: 'h', registers: [metrics] }).set(42);
  let status: 'ok' | 'degraded' = 'ok';
  const arrived = once(port2, 'message');
  const stop = await publishThreadState(port1, { checks: () => ({ window: { status } }), metrics, log: silentLog });
  t.after(stop);
  await arrived;
  time.ms = 250;
  const first = read();
  assert.deepEqual([first?.checks, first?.ageMs, first?.metrics[0]?.values[0]?.value], [{ window: { status: 'ok' } }, 250, 42]);

  // What cannot be measured comes without metrics; the health of the parts goes on.
  const broken = new Gauge({ name: 'guardian_broken', help: 'h', collect: () => Promise.reject(new Error('no log')) });
  metrics.registerMetric(broken);
  status = 'degraded';
  while (read()?.checks['window']?.status !== 'degraded') await once(port2, 'message');
  assert.deepEqual([read()?.ageMs, read()?.metrics], [0, []]);
});
