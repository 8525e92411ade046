import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDirectoryCopy } from './copy-directory.ts';

test('a second look takes in what was written, made and removed since the first, also within one step of the file times', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'guardian-copy-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const from = join(root, 'from');
  mkdirSync(join(from, 'base'), { recursive: true });
  mkdirSync(join(from, 'empty'));
  const put = (name: string, text: string): void => writeFileSync(join(from, name), text);
  const copied = (name: string): string => readFileSync(join(root, 'to', name), 'utf8');
  put('base/kept', 'old');
  put('base/written', 'one');
  put('base/removed', 'x');
  put('postmaster.pid', '1');
  const long = new Date(Date.now() - 60_000);
  for (const name of ['base/kept', 'base/removed']) utimesSync(join(from, name), long, long);

  const copy = createDirectoryCopy(from, join(root, 'to'), new Set(['postmaster.pid']));
  await copy.bringUp();
  assert.deepEqual(readdirSync(join(root, 'to')).toSorted(), ['base', 'empty']);
  // As long as before, and at the same time as far as a coarse clock can tell.
  const now = new Date();
  utimesSync(join(from, 'base/written'), now, now);
  put('base/written', 'two');
  put('base/new', 'n');
  rmSync(join(from, 'base/removed'));
  // A settled file is not read again: what was copied of it stays.
  writeFileSync(join(root, 'to', 'base/kept'), 'copied before');
  await copy.bringUp();
  assert.deepEqual([copied('base/written'), copied('base/new'), copied('base/kept')], ['two', 'n', 'copied before']);
  assert.deepEqual(readdirSync(join(root, 'to', 'base')).toSorted(), ['kept', 'new', 'written']);
});
