import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const PROGRAMS = ['contracts', 'plugin/src', 'src', 'web/src'];
const OF_TESTS = /\.test\.tsx?$|\.conformance\.ts$|-under-test\.ts$|\.d\.ts$|(?:^|\/)(?:test|crash)-|(?:^|\/)fixture\.ts$/;
const EXPORT = /^export (?:declare )?(?:interface|type|const|class|(?:async )?function\*?) (\w+)/gm;

/** Parts that say the same in each: engines behind one port, the entries of the roles. */
const ALIKE = [/^src\/bus\/(?:embedded|kafka)\//, /^src\/app\/role\//];
/** What hands on what an engine exports. */
const ENGINE_CHOICE = 'src/app/engines.ts';
/** The same thing in two programs, which share contracts alone. */
const SAME_IN_PROGRAMS = new Set(['API_BASE', 'WEBHOOK_PATH', 'linesOf', 'messageOf', 'start', 'within']);
const programOf = (file: string): string => file.split('/')[0] ?? '';

async function readExports(): Promise<Map<string, Set<string>>> {
  const homes = new Map<string, Set<string>>();
  for (const program of PROGRAMS) {
    const entries = await readdir(join(ROOT, program), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = relative(ROOT, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !/\.tsx?$/.test(file) || OF_TESTS.test(file) || file.includes('node_modules/')) continue;
      for (const [, name = ''] of (await readFile(join(ROOT, file), 'utf8')).matchAll(EXPORT))
        homes.set(name, (homes.get(name) ?? new Set()).add(file));
    }
  }
  return homes;
}

test('an exported name has one home, or one meaning in all of them', async () => {
  const exported = await readExports();
  assert.ok(exported.size > 2500, `${exported.size} names were read`);
  const several = [...exported].filter(([name, files]) => {
    const homes = [...files].filter((file) => file !== ENGINE_CHOICE);
    if (homes.length < 2) return false;
    if (SAME_IN_PROGRAMS.has(name) && new Set(homes.map(programOf)).size > 1) return false;
    return !ALIKE.some((alike) => homes.every((file) => alike.test(file)));
  });
  assert.deepEqual(
    several.map(([name, files]) => `${name}: ${[...files].join(', ')}`),
    [],
  );
});
