import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { closeToOthers, findOpenPaths } from './data-dir-modes.ts';

async function openDirectory(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-modes-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'database', 'base'), { recursive: true });
  await writeFile(join(root, 'database', 'base', '1'), 'x');
  await writeFile(join(root, 'secret'), 'x');
  for (const name of ['self-alerts.json', 'self-alerts-data.json', 'alertmanager-self-alerts-unheard.json'])
    await writeFile(join(root, name), '[]', { mode: 0o600 });
  await chmod(join(root, 'database', 'base', '1'), 0o666);
  for (const path of ['database/base', 'database', 'secret', '.']) await chmod(join(root, path), 0o755);
  return root;
}

const modeOf = async (...parts: string[]): Promise<number> => (await stat(join(...parts))).mode & 0o777;

test('everything that was open is named and closed, as deep as it lies', { skip: process.platform === 'win32' }, async (t) => {
  const root = await openDirectory(t);
  const found = (await findOpenPaths(root)).map(({ path }) => path.slice(root.length));
  assert.deepEqual(found.toSorted(), ['', '/database', '/database/base', '/database/base/1', '/secret']);
  assert.deepEqual(await closeToOthers(root), []);
  assert.equal(await modeOf(root), 0o700);
  assert.equal(await modeOf(root, 'database', 'base'), 0o700);
  assert.equal(await modeOf(root, 'database', 'base', '1'), 0o600);
});

test('what is not ours keeps its mode, and so does the directory that holds it', { skip: process.platform === 'win32' }, async (t) => {
  const root = await openDirectory(t);
  await mkdir(join(root, 'lost+found'), { mode: 0o755 });
  await writeFile(join(root, 'run.sh'), '#!/bin/sh\n');
  await chmod(join(root, 'run.sh'), 0o755);
  await symlink(join(root, 'run.sh'), join(root, 'guardian.link'));
  assert.deepEqual(await closeToOthers(root), []);
  assert.equal(await modeOf(root), 0o755);
  assert.equal(await modeOf(root, 'run.sh'), 0o755);
  assert.equal(await modeOf(root, 'database'), 0o700);
  await rm(join(root, 'run.sh'));
  assert.deepEqual(await closeToOthers(root), []);
  assert.equal(await modeOf(root), 0o700, 'a new volume holds nothing but ours');
});

test('no file that we keep makes the data directory a shared one', { skip: process.platform === 'win32' }, async (t) => {
  const names = ['reserve', 'self-alerts.json', 'self-alerts.json.new', 'holidays.json', 'server.json', 'sessions.json', 'guardian.pid'];
  for (const name of names) {
    const root = await openDirectory(t);
    await writeFile(join(root, name), '');
    await chmod(join(root, name), 0o644);
    assert.deepEqual(await closeToOthers(root), [], name);
    assert.deepEqual([await modeOf(root), await modeOf(root, name)], [0o700, 0o600], name);
  }
});
