import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/config-load.ts';
import { configSentence } from '../src/config/config-problem.ts';
import { ConfigSchema } from '../src/config/config-schema.ts';

const ROOT = join(import.meta.dirname, '..');
/** What an example may leave to other pages: receivers, people and schedules by name, and files of the reader's machine. */
const LEFT_TO_THE_READER = new Set(['file', 'route_receiver', 'unknown_person', 'unknown_receiver', 'unknown_schedule']);
/** Examples for other programs, by their first setting; tests of those programs have them. */
const OF_OTHERS = new Set(['apiVersion', 'receivers', 'name']);

const VALUES: Readonly<Record<string, string>> = { TELEGRAM_BOT_TOKEN: '123456:example' };
const valueOf = (variable: string): string =>
  VALUES[variable] ?? (variable.endsWith('_URL') ? 'https://example.com/x' : 'example-of-a-value');

const examples = globSync(['README*.md', 'docs/*.md'], { cwd: ROOT })
  .toSorted()
  .flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = ''], index) => ({
      yaml,
      name: `${page}, example ${index + 1}`,
    })),
  );

test('the documents have examples of settings', () => assert.ok(examples.length > 15, `${examples.length} were found`));

for (const { name, yaml } of examples) {
  test(`${name}: its settings are valid`, async () => {
    const keys = Object.keys(parse(yaml) as object);
    if (OF_OTHERS.has(keys[0] ?? '')) return;
    assert.deepEqual(
      keys.filter((key) => !(key in ConfigSchema.properties)),
      [],
    );
    const cwd = await mkdtemp(join(tmpdir(), 'guardian-docs-settings-'));
    try {
      await writeFile(join(cwd, 'guardian.yaml'), yaml);
      const env = Object.fromEntries([...yaml.matchAll(/\benv: (\w+)/g)].map(([, variable = '']) => [variable, valueOf(variable)]));
      const problems = loadConfig({ cwd, env }).problems.filter(({ rule }) => !LEFT_TO_THE_READER.has(rule));
      assert.deepEqual(
        problems.map((problem) => configSentence('en', problem)),
        [],
      );
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
}
