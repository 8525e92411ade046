import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isGuardianError } from '../errors.ts';
import { createRejectsFile } from './rejects-file.ts';
import { testFolder } from './test-run.ts';

const WORDS = { say: (key: string) => key } as Parameters<typeof createRejectsFile>[0];
const LINE = { file: 'a.csv', line: 2, errors: [{ field: 'count', message: 'must not be empty' }], raw: '2026-10-05 12:00,approved,' };

test('the list goes to another folder where its own cannot be written, and says where', async (t) => {
  // A folder of that name stands in the way, also of somebody who may write everywhere.
  const path = join(testFolder(t), 'a.csv.rejects.csv');
  mkdirSync(path);
  const rejects = createRejectsFile(WORDS, { path, isChosen: false });
  await rejects.add([LINE]);
  await rejects.close();
  assert.ok(rejects.path !== null && rejects.path !== path && rejects.path.endsWith('a.csv.rejects.csv'));
  assert.equal(readFileSync(rejects.path, 'utf8'), 'file,line,reason,row\na.csv,2,count: must not be empty,"2026-10-05 12:00,approved,"\n');
});

test('a path that was chosen and cannot be written is an error', async (t) => {
  const rejects = createRejectsFile(WORDS, { path: testFolder(t), isChosen: true });
  await assert.rejects(rejects.add([LINE]), (error) => isGuardianError(error, 'CLI_FILE'));
});
