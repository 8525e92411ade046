import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadSecret, prepareDataDir } from './data-dir.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'guardian-data-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('makes what is missing, for its owner only, and is content with what is there', async (t) => {
  const root = join(await folder(t), 'a', 'b');
  const dir = await prepareDataDir(root);
  assert.equal((await stat(dir.bus)).mode & 0o777, 0o700);
  assert.deepEqual(await prepareDataDir(root), dir);
});

test('a place that cannot hold a directory is refused at once and by name', async (t) => {
  const file = join(await folder(t), 'file');
  await writeFile(file, '');
  const refused = (path: string) => assert.rejects(prepareDataDir(path), { code: 'APP_DATA_DIR', message: new RegExp(path) });
  await refused(file);
  await refused(join(file, 'below'));
  await refused('/proc/guardian');
});

test('the secret is made once', async (t) => {
  const dir = await prepareDataDir(await folder(t));
  assert.deepEqual(await loadSecret(dir), await loadSecret(dir));
});

test('a configured secret is the same in every data directory, and leaves no file', async (t) => {
  const [one, other] = [await prepareDataDir(await folder(t)), await prepareDataDir(await folder(t))];
  const text = 'a text of at least thirty-two characters';
  assert.deepEqual(await loadSecret(one, text), await loadSecret(other, text));
  assert.equal((await loadSecret(one, text)).length, 32);
  assert.notDeepEqual(await loadSecret(one, `${text}.`), await loadSecret(one, text));
  await assert.rejects(stat(join(one.root, 'secret')), { code: 'ENOENT' });
});
