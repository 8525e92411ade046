import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { newInstance } from './process-instance.ts';
import type { ProcessReport } from './process-report.ts';
import type { ProcessWatch } from './process-watch.ts';
import { createWindowWorkers, oneWorker, type OwnWorkers } from './window-workers.ts';

/** A machine with workers of its own, beside some elsewhere. */
function machineWith(given: { readonly own: number; readonly elsewhere: number; readonly killed?: number; readonly refuses?: boolean }) {
  let own = given.own;
  const report: ProcessReport = {
    ...{ role: 'window', pid: 1, instance: 'one', number: 1, at: 0, state: 'working' },
    ...{ checks: {}, isBehindNotified: false, metrics: [] },
  };
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const killed = Array.from({ length: given.killed ?? 0 }, () => ({ ...report, instance: `${hostname()}-${gone}-0123abcd` }));
  const reports = (): readonly ProcessReport[] => [
    ...Array.from({ length: given.elsewhere }, () => report),
    ...Array.from({ length: own }, () => ({ ...report, instance: newInstance() })),
    ...killed,
  ];
  const watch: ProcessWatch = {
    view: (role) => ({ role, state: 'working', silentMs: 0, reports: role === 'window' ? reports() : [] }),
  };
  const supervised: OwnWorkers = {
    count: () => own,
    async scale(wanted) {
      if (given.refuses === true) return false;
      own = wanted;
      return true;
    },
  };
  return { watch, supervised, own: () => own };
}

const soon = (): AbortSignal => AbortSignal.timeout(300_000);

test('the supervisor of this machine starts and stops workers until so many work over all machines', async () => {
  const { watch, supervised, own } = machineWith({ own: 2, elsewhere: 3 });
  const workers = createWindowWorkers(watch, () => supervised);
  assert.equal(await workers.scale(8, soon()), null);
  assert.deepEqual([workers.count(), own()], [8, 5]);
  assert.equal(await workers.scale(4, soon()), null);
  assert.deepEqual([workers.count(), own()], [4, 1]);
});

test('workers that were killed do not count, though their last reports are there', async () => {
  const { watch, supervised, own } = machineWith({ own: 2, elsewhere: 0, killed: 2 });
  const workers = createWindowWorkers(watch, () => supervised);
  assert.equal(workers.count(), 2);
  assert.equal(await workers.scale(3, soon()), null);
  assert.deepEqual([workers.count(), own()], [3, 3]);
});

test('workers of other machines are not this one to stop', async () => {
  const { watch, supervised, own } = machineWith({ own: 1, elsewhere: 3 });
  const workers = createWindowWorkers(watch, () => supervised);
  assert.deepEqual(await workers.scale(2, soon()), { code: 'runbook_workers_elsewhere', params: { n: 3 } });
  assert.equal(own(), 1);
});

test('without a supervisor, or with one that stops, the number stays, and the reason says what would help', async () => {
  const { watch, supervised } = machineWith({ own: 2, elsewhere: 0, refuses: true });
  const manual = { code: 'runbook_workers_manual', params: { n: 2 } };
  assert.deepEqual(await createWindowWorkers(watch, () => undefined).scale(3, soon()), manual);
  assert.equal(await createWindowWorkers(watch, () => undefined).scale(2, soon()), null);
  assert.deepEqual(await createWindowWorkers(watch, () => supervised).scale(3, soon()), manual);
});

test('one process with everything says that it counts alone', async () => {
  assert.equal(oneWorker.count(), 1);
  assert.equal((await oneWorker.scale(2, AbortSignal.timeout(1)))?.code, 'runbook_workers_fixed');
});
