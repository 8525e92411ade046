import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

test('a clone whose lock file is damaged says so, and installs nothing', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-damaged-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['scripts', 'package.json']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'package-lock.json'), '{ "packages": {');
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/task.mjs'), 'types'], {
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
    encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /package-lock\.json is damaged; restore it with git/);
});
