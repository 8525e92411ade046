import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { until } from '../../test-until.ts';
import { superviseProcess } from './supervised-process.ts';

const READY = 'process.send({ guardian: "ready" }); process.on("disconnect", () => process.exit(0));';

/** Keeps `script` running. */
function supervise(t: TestContext, script: string, options: { readonly stopMs?: number; readonly scale?: () => boolean } = {}) {
  let changes = 0;
  const supervised = superviseProcess({
    ...{ name: 'window.1', role: 'window', clock: systemClock, log: pino({ level: 'silent' }) },
    spawn: () => spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    stopMs: options.stopMs ?? 60_000,
    maxWaitMs: 20,
    changed: () => void (changes += 1),
    scale: options.scale ?? (() => false),
  });
  t.after(async () => {
    supervised.kill();
    await supervised.stop();
  });
  return { supervised, changes: () => changes };
}

test('a process that ends is started again; from the third end within ten minutes on it is said to fail, with how it ended', async (t) => {
  const { supervised } = supervise(t, 'process.exit(7)');
  await until(() => supervised.view().ends >= 2);
  await until(() => supervised.view().failing);
  const { ends, last_end: how, restarts } = supervised.view();
  assert.equal(how, 'exit code 7');
  assert.ok(ends >= 3 && restarts >= 2, `${ends} ends, ${restarts} restarts`);
});

test('one that is killed once is running again, and does not fail', async (t) => {
  const { supervised } = supervise(t, READY);
  await supervised.settled;
  const first = supervised.view();
  assert.equal(first.phase, 'running');
  process.kill(first.pid ?? 0, 'SIGKILL');
  await until(() => supervised.view().restarts === 1 && supervised.view().phase === 'running');
  const { pid, last_end: how, ends, failing } = supervised.view();
  assert.notEqual(pid, first.pid);
  assert.deepEqual([how, ends, failing], ['SIGKILL', 1, false]);
});

test('one that asks to be started again is, at once, and that is no failure', async (t) => {
  const once = `${READY} if (!require("fs").existsSync(process.env.MARK)) {
    require("fs").writeFileSync(process.env.MARK, "");
    process.send({ guardian: "restart" });
  }`;
  const { mkdtempSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync(`${(await import('node:os')).tmpdir()}/guardian-asked-`);
  process.env['MARK'] = `${folder}/asked`;
  t.after(() => {
    delete process.env['MARK'];
    rmSync(folder, { recursive: true });
  });
  const { supervised } = supervise(t, once);
  await until(() => supervised.view().restarts === 1 && supervised.view().phase === 'running');
  assert.deepEqual([supervised.view().ends, supervised.view().last_end], [0, null]);
});

test('a stop asks, and ends by force what does not end', async (t) => {
  const good = supervise(t, `${READY} process.on("SIGTERM", () => process.exit(0));`);
  await good.supervised.settled;
  await good.supervised.stop();
  assert.deepEqual([good.supervised.view().phase, good.supervised.view().pid], ['stopped', null]);

  const deaf = supervise(t, `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); ${READY}`, { stopMs: 50 });
  await deaf.supervised.settled;
  const { pid } = deaf.supervised.view();
  await deaf.supervised.stop();
  assert.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
  assert.equal(deaf.supervised.view().restarts, 0);
});

test('a stop while it waits for its next start leaves nothing behind', async (t) => {
  const { supervised, changes } = supervise(t, 'process.exit(1)');
  await supervised.settled;
  await supervised.stop();
  const before = changes();
  assert.deepEqual([supervised.view().phase, supervised.view().pid], ['stopped', null]);
  await sleep(100);
  assert.equal(changes(), before);
});
