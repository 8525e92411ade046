import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createStateFile } from './state-file.ts';

test('what was written last is read again; a file that is damaged is none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-state-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'below', 'told.json');
  const file = createStateFile(path);
  assert.equal(await file.read(), undefined);
  let value = 0;
  const writes = Array.from({ length: 20 }, () => {
    value++;
    return file.write(() => value);
  });
  await Promise.all(writes);
  assert.equal(await createStateFile(path).read(), 20);
  assert.equal(statSync(path).mode & 0o077, 0);
  writeFileSync(path, '{"told":');
  assert.equal(await createStateFile(path).read(), undefined);
});
