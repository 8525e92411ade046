import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from './product.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WATCH = new URL('../../scripts/bootstrap/parent-watch.mjs', import.meta.url).href;
const hasNpm = process.platform === 'linux' && spawnSync('npm', ['--version']).status === 0;

interface Started {
  readonly npm: ChildProcess;
  readonly address: string;
  readonly server: number;
  readonly launcher: number;
}

/** `npm start` on a data directory of its own, as a service manager runs it, once it answers. */
async function npmStart(t: TestContext): Promise<Started> {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-npm-'));
  const npm = spawn('npm', ['start', '--', '--data_dir', dir, '--http.port', '0'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const address = await waitFor(async () => /http:\/\/127\.0\.0\.1:\d+(?=\/\?token)/.exec(output)?.[0]);
  const server = Number(readFileSync(join(dir, 'guardian.pid'), 'utf8'));
  const launcher = parentOf(server);
  t.after(() => {
    for (const pid of [launcher, server]) if (isThere(pid)) process.kill(pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  return { npm, address, server, launcher };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`npm that gets ${signal} takes the launcher and the server with it`, { skip: !hasNpm }, async (t) => {
    const { npm, address, server, launcher } = await npmStart(t);
    assert.ok(isThere(launcher) && isThere(server));
    const ended = once(npm, 'exit');
    npm.kill(signal);
    await ended;
    await waitFor(async () => (isThere(launcher) || isThere(server) ? undefined : true));
    await assert.rejects(fetch(`${address}/health`), 'the port is free');
  });
}

test('the launcher that gets SIGTERM stops the server in order, and npm ends with its exit code', { skip: !hasNpm }, async (t) => {
  const { npm, server, launcher } = await npmStart(t);
  const ended = once(npm, 'exit');
  process.kill(launcher, 'SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(isThere(server), false);
});

/** A process that watches its parent, which ends at once; it says what it saw after it has been left alone for a while. */
async function orphan(env: Readonly<Record<string, string>>, detached = false): Promise<string> {
  const watcher = `import { watchParent } from ${JSON.stringify(WATCH)};
    const parent = process.ppid; let turns = 0;
    watchParent(() => { console.log('gone'); process.exit(0); }, ${JSON.stringify(env)});
    process.send?.('watching'); process.disconnect?.();
    setInterval(() => { if (process.ppid !== parent && ++turns === 20) { console.log('still here'); process.exit(0); } }, 100);`;
  const parent = `import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(watcher)}], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: ${detached} });
    child.once('message', () => process.exit(0));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return said.trim();
}

test(
  'a script of a package manager notices its end; nothing else ends with its parent',
  { skip: process.platform === 'win32' },
  async () => {
    const npm = { npm_lifecycle_event: 'start' };
    assert.equal(await orphan(npm), 'gone');
    assert.equal(await orphan({}), 'still here', 'a terminal that closes under nohup');
    assert.equal(await orphan(npm, true), 'still here', 'setsid');
  },
);
