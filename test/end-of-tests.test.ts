import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_TEST } from '../scripts/bootstrap/node-test.mjs';

test('a file whose process goes on after its tests fails, with what holds it, and the other files run', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-end-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const head = "import { test } from 'node:test';\n";
  await writeFile(join(folder, 'a.test.mjs'), `${head}test('leaves a timer', () => void setInterval(() => {}, 50));\n`);
  await writeFile(join(folder, 'b.test.mjs'), `${head}test('leaves nothing', () => {});\n`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [...NODE_TEST, '--test-concurrency=1', 'a.test.mjs', 'b.test.mjs'], {
    cwd: folder,
    env: { ...env, GUARDIAN_TEST_END_MS: '100' },
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stdout, /a\.test\.mjs: the process did not end within 0\.1 s of its last test; held by: .*Timeout/);
  assert.match(stdout, /✖ a\.test\.mjs/);
  assert.match(stdout, /✔ leaves nothing/);
  assert.doesNotMatch(stdout, /✖ b\.test\.mjs/);
});
