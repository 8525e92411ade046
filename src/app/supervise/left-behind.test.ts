import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { endLeftBehind, SUPERVISED_VARIABLE } from './left-behind.ts';

const LOG = pino({ level: 'silent' });

/** A process of a supervisor of `root`, which says when it runs. */
async function leftBehind(t: TestContext, root: string, script = ''): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log("up"); setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, [SUPERVISED_VARIABLE]: root },
  });
  t.after(() => child.kill('SIGKILL'));
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

const linux = { skip: process.platform !== 'linux' };

test('what a killed supervisor has left behind is ended, by force where it is frozen; others are left alone', linux, async (t) => {
  const root = `/tmp/${t.name.length}-${process.pid}`;
  const [draining, frozen, other] = await Promise.all([
    leftBehind(t, root, 'process.on("SIGTERM", () => process.exit(0))'),
    leftBehind(t, root),
    leftBehind(t, `${root}-other`),
  ]);
  frozen.kill('SIGSTOP');
  const ends = Promise.all([once(draining, 'exit'), once(frozen, 'exit')]);
  assert.equal(await endLeftBehind(root, { log: LOG, stopMs: 4000 }), 2);
  assert.deepEqual(await ends, [
    [0, null],
    [null, 'SIGKILL'],
  ]);
  assert.equal(other.exitCode ?? other.signalCode, null);
});

test('where nothing is left, nothing is waited for', async () => {
  assert.equal(await endLeftBehind(`/tmp/nobody-${process.pid}`, { log: LOG, stopMs: 60_000 }), 0);
});
