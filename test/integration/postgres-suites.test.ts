import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NODE_TEST } from '../../scripts/bootstrap/node-test.mjs';
import { startPostgres } from './postgres-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Tests that open a database by `openTestDatabase`, which gives them one on the server instead. */
async function suites(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('src/**/*.test.ts', { cwd: ROOT })) {
    const text = await readFile(join(ROOT, file), 'utf8');
    if (text.includes('openTestDatabase')) found.push(file);
  }
  return found.toSorted();
}

test('whatever works on the embedded database works on a PostgreSQL server', { timeout: 1_800_000 }, async (t) => {
  const server = await startPostgres({ max_connections: '200' });
  t.after(() => server.stop());
  const files = await suites();
  assert.ok(files.length > 40, `${files.length} files`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = spawn(process.execPath, [...NODE_TEST, '--test-concurrency=2', ...files], {
    cwd: ROOT,
    env: { ...env, GUARDIAN_TEST_POSTGRES: server.urlOf() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  await once(run, 'exit');
  t.diagnostic(`PostgreSQL ${server.version}: ${/^ℹ pass .*$/m.exec(output)?.[0] ?? '?'} of ${files.length} files`);
  assert.equal(run.exitCode, 0, output.slice(output.indexOf('failing tests:')));
});
