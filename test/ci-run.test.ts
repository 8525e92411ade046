import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';

const script = join(import.meta.dirname, '../.ci/run');
const windows = process.platform === 'win32' && 'needs bash';

/** Runs `.ci/run` with an npm that answers as told, by its arguments. Returns the exit code and the last line. */
async function runWith(t: TestContext, answers: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-ci-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const cases = Object.entries(answers).map(([args, shell]) => `'${args}') ${shell};;`);
  await writeFile(join(folder, 'npm'), `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\n`, { mode: 0o755 });
  const { status, stdout } = spawnSync('bash', [script], {
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` },
    encoding: 'utf8',
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

const totals = (line: string, code = 0) => `echo "${line}"; exit ${code}`;
const good = { test: totals('30 passed, 0 failed, 1 skipped'), 'run test:services': totals('4 passed, 0 failed, 0 skipped') };

test('adds the totals of both suites and one for each check', { skip: windows }, async (t) => {
  const { status, stdout, last } = await runWith(t, good);
  assert.equal(last, '37 passed, 0 failed, 1 skipped');
  assert.equal(status, 0);
  assert.match(stdout, /^npm run types +ok +\d+ s$/m);
});

test('runs every stage and fails when one fails', { skip: windows }, async (t) => {
  const { status, stdout, last } = await runWith(t, { ...good, test: totals('29 passed, 1 failed, 1 skipped', 1), 'run types': 'exit 2' });
  assert.equal(last, '35 passed, 2 failed, 1 skipped');
  assert.equal(status, 1);
  assert.match(stdout, /^npm test +FAILED/m);
  assert.match(stdout, /^npm run docs:check +ok/m);
});

test('counts a suite that ends without totals as a failure', { skip: windows }, async (t) => {
  const { status, last } = await runWith(t, { ...good, 'run test:services': 'exit 1' });
  assert.equal(last, '33 passed, 1 failed, 1 skipped');
  assert.equal(status, 1);
});
