import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lockDataDir } from './data-dir-lock.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guardian-lock-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A process that takes the lock and keeps it until it is killed, though its garbage is collected and nothing refers to it. */
async function startHolder() {
  const module = new URL('./data-dir-lock.ts', import.meta.url).href;
  const script = `import { lockDataDir } from ${JSON.stringify(module)}; lockDataDir(${JSON.stringify(root)}, process.pid); setTimeout(() => { gc(); console.log('held'); }); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('a second process is refused and told who runs', async () => {
  const holder = await startHolder();
  try {
    assert.throws(() => lockDataDir(root, process.pid), { code: 'APP_ALREADY_RUNNING', data: { root, pid: holder.pid } });
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
});

test('a killed process leaves no lock behind', async () => {
  const holder = await startHolder();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.doesNotThrow(() => lockDataDir(root, process.pid).release());
});

test('the lock holds within one process and is free after release', () => {
  const lock = lockDataDir(root, process.pid);
  assert.throws(() => lockDataDir(root, process.pid), { code: 'APP_ALREADY_RUNNING' });
  lock.release();
  lock.release();
  lockDataDir(root, process.pid).release();
});

test('a directory that is not there is named', () => {
  assert.throws(() => lockDataDir(join(root, 'absent'), 1), { code: 'APP_DATA_DIR', message: /absent/ });
});

test('the lock of the API is apart from that of the owner', () => {
  const owner = lockDataDir(root, process.pid);
  const api = lockDataDir(root, process.pid, 'api');
  assert.throws(() => lockDataDir(root, process.pid, 'api'), { code: 'APP_ALREADY_RUNNING' });
  api.release();
  lockDataDir(root, process.pid, 'api').release();
  owner.release();
});
