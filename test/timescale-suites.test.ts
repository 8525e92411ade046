import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NODE_TEST } from '../scripts/bootstrap/node-test.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What writes and reads minutes; the tests of the server run all that uses a database. */
const FILES = ['src/http/routes/read.test.ts', 'src/window/counter.test.ts', 'src/store/docs-queries.test.ts'];

test('counting and the reading routes work with TimescaleDB as without', { timeout: 900_000 }, async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = spawn(process.execPath, [...NODE_TEST, '--test-concurrency=1', ...FILES], {
    cwd: ROOT,
    env: { ...env, GUARDIAN_TEST_STORE: 'timescale' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  await once(run, 'exit');
  assert.equal(run.exitCode, 0, output.slice(output.indexOf('failing tests:')));
});
