import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const WORK = `
import { appendFileSync } from 'node:fs';
const { inTurn } = await import(process.argv[1]);
await inTurn(process.argv[2], async () => {
  appendFileSync(process.argv[3], 'begin ');
  await new Promise((resolve) => setTimeout(resolve, 20));
  appendFileSync(process.argv[3], 'end ');
});`;

test('processes that set up at the same moment take turns, also where one before them died with the lock', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [lock, log] = [join(folder, 'lock'), join(folder, 'log')];
  // No process has this id: it is above the largest one.
  writeFileSync(lock, '99999999');
  const module = new URL('../scripts/bootstrap/lock.mjs', import.meta.url).href;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', WORK, module, lock, log]);
  await Promise.all(Array.from({ length: 6 }, run));
  assert.equal(readFileSync(log, 'utf8'), 'begin end '.repeat(6));
});
