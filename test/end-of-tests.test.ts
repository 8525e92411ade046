import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_TEST } from '../scripts/bootstrap/node-test.mjs';
import { until } from '../src/test-until.ts';

/** A process that has ended and whose parent has not taken note of it is none. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Runs test files by node:test as `npm test` does. */
function run(folder: string, files: readonly string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, [...NODE_TEST, '--test-concurrency=1', ...files], {
    cwd: folder,
    env: { ...env, GUARDIAN_TEST_END_MS: '100' },
    encoding: 'utf8',
  });
}

test('a file whose process goes on after its tests fails, with what holds it, and the other files run', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-end-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const head = "import { test } from 'node:test';\n";
  await writeFile(join(folder, 'a.test.mjs'), `${head}test('leaves a timer', () => void setInterval(() => {}, 50));\n`);
  await writeFile(join(folder, 'b.test.mjs'), `${head}test('leaves nothing', () => {});\n`);
  const { status, stdout } = run(folder, ['a.test.mjs', 'b.test.mjs']);
  assert.equal(status, 1);
  assert.match(stdout, /a\.test\.mjs: the process did not end within 0\.1 s of its last test; held by: .*Timeout/);
  assert.match(stdout, /✖ a\.test\.mjs/);
  assert.match(stdout, /✔ leaves nothing/);
  assert.doesNotMatch(stdout, /✖ b\.test\.mjs/);
});

test(
  'what a file has started ends with it: below it, or of its environment; a file that is asked to end does so too',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'guardian-end-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const start = (env: string): string =>
      `spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore'${env} })`;
    const head = `import { test } from 'node:test'; import { spawn } from 'node:child_process'; import { appendFileSync } from 'node:fs';
const note = (pid) => appendFileSync('pids', pid + '\\n');\n`;
    await writeFile(
      join(folder, 'a.test.mjs'),
      `${head}test('fails', () => { note(${start(', env: {}')}.pid); throw new Error('as it may'); });\n`,
    );
    // The process between both ends: nothing but the environment says whose the other one is.
    const between = `const { spawn } = require('child_process'); console.log(${start('')}.pid); process.exit(0)`;
    await writeFile(
      join(folder, 'b.test.mjs'),
      `${head}test('is killed', async () => {
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(between)}], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const said of child.stdout) note(String(said).trim());
  process.kill(process.pid, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 100_000));
});\n`,
    );
    const { status, stdout } = run(folder, ['a.test.mjs', 'b.test.mjs']);
    assert.equal(status, 1);
    const pids = (await readFile(join(folder, 'pids'), 'utf8')).trim().split('\n').map(Number);
    assert.equal(pids.length, 2, stdout);
    for (const pid of pids) await until(() => !isAlive(pid), `the end of ${pid}`);
    assert.equal(stdout.match(/left a process behind, which is ended: /g)?.length, 2, stdout);
  },
);
