import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { hasEnded, isAlive, newInstance } from './process-instance.ts';

const NOBODY = 65_534;

test('a process that has ended is not alive, and its name says so', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  assert.deepEqual([isAlive(process.pid), isAlive(pid)], [true, false]);
  assert.deepEqual([hasEnded(newInstance()), hasEnded('elsewhere-1-0123abcd')], [false, false]);
});

test('a process of another user is alive', { skip: process.getuid?.() !== 0 && 'needs to be root' }, () => {
  const module = new URL('process-instance.ts', import.meta.url).href;
  const script = `import { isAlive } from ${JSON.stringify(module)}; console.log(isAlive(process.ppid));`;
  const asked = spawnSync(process.execPath, ['--input-type=module', '-e', script], { uid: NOBODY, gid: NOBODY, encoding: 'utf8' });
  assert.equal(asked.stdout.trim(), 'true', asked.stderr);
});
