import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const LIST = `
import { registerHooks } from 'node:module';
const seen = new Set();
registerHooks({ resolve(name, context, next) { const found = next(name, context); seen.add(found.url); return found; } });
await import(process.argv[1]);
console.log([...seen].join('\\n'));`;

/** Every module that a start of the pipeline thread loads. */
async function modulesOf(file: string): Promise<string[]> {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', LIST];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, new URL(file, import.meta.url).href], { maxBuffer: 2 ** 26 });
  return stdout.split('\n');
}

test('the pipeline thread starts without the validator and the web framework, which would keep it waiting', async () => {
  const modules = [...(await modulesOf('pipeline-stages.ts')), ...(await modulesOf('open-database.ts'))];
  assert.ok(modules.some((url) => url.endsWith('/detect/stage/worker.ts')));
  for (const name of ['typebox', 'yaml', 'fastify'])
    assert.deepEqual(
      modules.filter((url) => url.includes(`/node_modules/${name}/`)).slice(0, 1),
      [],
      `${name}: import its words apart from its schemas`,
    );
});
