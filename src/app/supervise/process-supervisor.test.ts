import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { readProcesses } from '../../config/process-list.ts';
import { until } from '../../test-until.ts';
import { createProcessSupervisor } from './process-supervisor.ts';

const SCRIPT = 'process.send({ guardian: "ready" }); setInterval(() => {}, 1000)';

function formation(t: TestContext, list: readonly string[]) {
  const events: string[] = [];
  const children = new Map<string, ChildProcess>();
  const supervisor = createProcessSupervisor({
    ...{ processes: readProcesses(list), clock: systemClock, log: pino({ level: 'silent' }), stopMs: 60_000, changed: () => undefined },
    spawn(_role, name, index) {
      events.push(`+${name}@${index}`);
      const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      child.once('exit', () => events.push(`-${name}`));
      children.set(name, child);
      return child;
    },
  });
  t.after(async () => {
    supervisor.kill();
    await supervisor.stop();
  });
  return { supervisor, events, children };
}

test('the owner of the data is ready before the API, which is before the stages; a stop goes the other way', async (t) => {
  const { supervisor, events } = formation(t, ['alert', 'window=2', 'detect', 'api', 'data']);
  await supervisor.start();
  assert.deepEqual(events.slice(0, 2), ['+data@0', '+api@1']);
  assert.deepEqual(events.slice(2).toSorted(), ['+alert@3', '+detect@2', '+window.1@4', '+window.2@5']);
  assert.ok(supervisor.views().every(({ phase }) => phase === 'running'));
  events.length = 0;
  await supervisor.stop();
  assert.equal(events[0], '-api');
  assert.equal(events.at(-1), '-data');
  assert.equal(events.length, 6);
});

test('a process that dies takes no other with it', async (t) => {
  const { supervisor, children } = formation(t, ['window=2', 'detect']);
  await supervisor.start();
  const before = supervisor.views();
  children.get('detect')?.kill('SIGKILL');
  await until(() => supervisor.views().some(({ name, restarts, phase }) => name === 'detect' && restarts === 1 && phase === 'running'));
  const pids = (role: string, views = supervisor.views()) => views.filter((one) => one.role === role).map(({ pid }) => pid);
  assert.deepEqual(pids('window'), pids('window', before));
});

test('the number of workers changes while all others go on; the highest numbers end first', async (t) => {
  const { supervisor, children, events } = formation(t, ['window=2', 'detect']);
  await supervisor.start();
  const ask = (count: number): void => void children.get('detect')?.emit('message', { guardian: 'scale', role: 'window', count });
  const workers = () => supervisor.views().filter(({ role }) => role === 'window');
  ask(4);
  await until(() => workers().length === 4 && workers().every(({ phase }) => phase === 'running'));
  ask(1);
  await until(() => events.filter((event) => event.startsWith('-')).length === 3);
  assert.deepEqual(
    workers().map(({ name }) => name),
    ['window.1'],
  );
  ask(Number.NaN);
  ask(65);
  assert.equal(workers().length, 1);
});
