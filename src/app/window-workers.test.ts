import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import type { ProcessReport } from './process-report.ts';
import type { ProcessWatch } from './process-watch.ts';
import { createWindowWorkers, oneWorker } from './window-workers.ts';

/** Processes that report for as long as they live. */
function workersOf(t: TestContext): {
  readonly watch: ProcessWatch;
  readonly spawn: () => ChildProcess;
  readonly pids: () => readonly number[];
} {
  const living = new Map<number, ProcessReport>();
  let number = 100;
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid ?? 0;
    number -= 1;
    living.set(pid, {
      role: 'window',
      pid,
      instance: String(pid),
      number,
      at: 0,
      state: 'working',
      checks: {},
      isBehindNotified: false,
      metrics: [],
    });
    child.once('exit', () => living.delete(pid));
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  const view: ProcessWatch['view'] = (role) => ({
    role,
    state: 'working',
    silentMs: 0,
    reports: role === 'window' ? [...living.values()] : [],
  });
  return { watch: { view }, spawn: start, pids: () => [...living.keys()] };
}

test('workers are started and stopped until so many work; the youngest go first', async (t) => {
  const { watch, spawn: start, pids } = workersOf(t);
  start();
  const [eldest] = pids();
  const workers = createWindowWorkers(watch, start);
  const signal = AbortSignal.timeout(30_000);
  assert.equal(await workers.scale(3, signal), null);
  assert.equal(workers.count(), 3);
  assert.equal(await workers.scale(1, signal), null);
  assert.deepEqual(pids(), [eldest]);
  assert.equal(await workers.scale(1, signal), null);
});

test('where no process can be started, more are refused with what would help, and fewer work', async (t) => {
  const { watch, spawn: start } = workersOf(t);
  start();
  start();
  const workers = createWindowWorkers(watch, undefined);
  const signal = AbortSignal.timeout(30_000);
  assert.deepEqual(await workers.scale(3, signal), { code: 'runbook_workers_manual', params: { n: 2 } });
  assert.equal(await workers.scale(1, signal), null);
});

test('one process with everything says that it counts alone', async () => {
  assert.equal(oneWorker.count(), 1);
  assert.equal((await oneWorker.scale(2, AbortSignal.timeout(1)))?.code, 'runbook_workers_fixed');
});
