import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const LIST = `
import { registerHooks } from 'node:module';
const seen = new Set();
registerHooks({ resolve(name, context, next) { const found = next(name, context); seen.add(found.url); return found; } });
// Outside of its thread it refuses to run, once all that it imports is loaded.
await import(process.argv[1]).catch((error) => { if (!/runs in a thread/.test(error.message)) throw error; });
console.log([...seen].join('\\n'));`;

/** Every module that a start of the pipeline thread loads. */
async function modulesOf(file: string): Promise<string[]> {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', LIST];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, new URL(file, import.meta.url).href], { maxBuffer: 2 ** 26 });
  return stdout.split('\n');
}

test('the pipeline thread starts without the validator and the web framework, which would keep it waiting', async () => {
  const modules = await modulesOf('pipeline-thread.ts');
  for (const file of ['/detect/stage/worker.ts', '/app/open-database.ts'])
    assert.ok(
      modules.some((url) => url.endsWith(file)),
      file,
    );
  for (const name of ['typebox', 'yaml', 'fastify', 'pino-pretty'])
    assert.deepEqual(
      modules.filter((url) => url.includes(`/node_modules/${name}/`)).slice(0, 1),
      [],
      `${name}: import its words apart from its schemas, and types with 'import type'`,
    );
});
