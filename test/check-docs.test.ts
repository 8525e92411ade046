import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

const script = pathToFileURL(join(import.meta.dirname, '../scripts/check-docs.mjs')).href;
const { checkDocs } = (await import(script)) as { checkDocs: (root: string) => Promise<string[]> };

const TREE = {
  'package.json': JSON.stringify({ scripts: { start: 'x', test: 'x', lint: 'x' } }),
  'src/bus/bus.ts': '',
  'src/bus/offset.test.ts': '',
  'src/cli/replay.ts': `program.command('replay').option('--speed <n>');`,
  'src/http/routes/anomalies.ts': `app.get('/anomalies', list);\napp.get('/anomalies/:id', one);`,
  'docs/architecture.md': '# The flow\n\n## What is durable?\n',
};

/** Problems of a README in a small tree. */
async function problemsOf(t: TestContext, readme: string): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-docs-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries({ ...TREE, 'README.md': readme })) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return checkDocs(root);
}

const fenced = (...lines: string[]) => ['```sh', ...lines, '```'].join('\n');

const GOOD: Readonly<Record<string, string>> = {
  'paths, folders and globs that exist': 'See `src/bus/bus.ts`, `src/bus/`, `src/**/*.test.ts` and `docs/{architecture,none}.md`.',
  'a path with a line number': 'See `src/bus/bus.ts:12`.',
  'what a build makes': 'Made in `web/dist` and `bench/results/`.',
  'links with an anchor': '[durable](docs/architecture.md#what-is-durable), [web](https://example.com/x)',
  'things that only look like paths': '`POST /transaction`, `application/json`, `and/or`, `timestamp,status,count`',
  'scripts and commands': 'Run `npm start`, `npm run lint`, `npx guardian replay x.csv --speed 60`.',
  'shell blocks': fenced(
    'npm test',
    `curl -d '{"status":"denied"}' 'http://127.0.0.1:8001/anomalies?x=1'`,
    'curl http://127.0.0.1:8001/anomalies/an_1',
  ),
};

for (const [fact, readme] of Object.entries(GOOD)) {
  test(`accepts ${fact}`, async (t) => assert.deepEqual(await problemsOf(t, readme), []));
}

const BAD: Readonly<Record<string, readonly [string, string]>> = {
  'a path that is gone': ['\nSee `src/bus/kafka.ts`.', 'README.md:2: there is no src/bus/kafka.ts'],
  'a glob that matches nothing': ['`src/**/*.sql`', 'README.md:1: there is no src/**/*.sql'],
  'a path in a command': ['`npm test -- src/bus/gone.test.ts`', 'README.md:1: there is no src/bus/gone.test.ts'],
  'a path in a block': ['```\nsrc/bus/gone.ts\n```', 'README.md:2: there is no src/bus/gone.ts'],
  'a link that leads nowhere': ['[x](docs/gone.md)', 'README.md:1: the link docs/gone.md leads nowhere'],
  'an anchor that is gone': ['[x](docs/architecture.md#gone)', 'README.md:1: docs/architecture.md has no heading #gone'],
  'a script that is gone': ['`npm run deploy`', 'README.md:1: package.json has no script "deploy"'],
  'a command that is gone': ['`guardian fly`', 'README.md:1: there is no command "guardian fly"'],
  'a flag that is gone': ['`guardian replay x.csv --fast`', 'README.md:1: no command of guardian has --fast'],
  'a route that is gone': [fenced('curl http://127.0.0.1:8001/gone'), 'README.md:2: the API has no route /gone'],
  'broken shell': [fenced('echo "x'), 'README.md:2: the block is no valid shell'],
  'a program nobody has': [fenced('frobnicate it'), 'README.md:2: "frobnicate" is no program that a reader has'],
  'broken JSON in a request': [
    fenced(`curl -d '{"a":}' http://127.0.0.1:8001/anomalies`),
    "README.md:2: the request's JSON does not parse",
  ],
};

for (const [fact, [readme, problem]] of Object.entries(BAD)) {
  test(`reports ${fact}`, async (t) => {
    const problems = await problemsOf(t, readme);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.ok(problems[0]?.startsWith(problem), problems[0]);
  });
}

const WORDS = JSON.stringify([
  { word: 'told', say: 'notified', allow: ['told apart'] },
  { word: 'slow burns?', say: 'sustained rise' },
]);

/** Problems of the words of one file in a small tree. */
async function wordsOf(t: TestContext, file: string, text: string): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-words-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries({ ...TREE, 'README.md': '', 'scripts/words.json': WORDS, [file]: text })) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return checkDocs(root);
}

const told = (place: string) => [`${place}: "told" is not a term of the field, write: notified (scripts/words.json)`];

const REFUSED: Readonly<Record<string, readonly [file: string, text: string, problems: string[]]>> = {
  'a word in a document': ['docs/flow.md', '# Flow\n\nPeople are told once.\n', told('docs/flow.md:3')],
  'a word in a comment, at its line': [
    'src/a.ts',
    'const a = 1;\n/** One.\n *  They are told. */\nexport const b = a;\n',
    told('src/a.ts:3'),
  ],
  'a word in a text': ['contracts/text.ts', "export const text = 'nobody was told';\n", told('contracts/text.ts:1')],
  'two words that a line break parts': [
    'bench/a.ts',
    '/** A slow\n *  burn of hours. */\n',
    ['bench/a.ts:1: "slow burn" is not a term of the field, write: sustained rise (scripts/words.json)'],
  ],
};

for (const [fact, [file, text, problems]] of Object.entries(REFUSED)) {
  test(`refuses ${fact}`, async (t) => assert.deepEqual(await wordsOf(t, file, text), problems));
}

const KEPT: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'a phrase in which the word is right': ['docs/flow.md', 'Zero and silence are told apart.'],
  'a part of another word, and code in a document': ['docs/flow.md', 'Untold riches in the column `told`.\n\n```sql\nselect told\n```\n'],
  'names, queries and what a template computes': [
    'src/a.ts',
    "export const told = query('select told from notify_group', `sent ${told} times`, 'told');\n",
  ],
};

for (const [fact, [file, text]] of Object.entries(KEPT)) {
  test(`keeps ${fact}`, async (t) => assert.deepEqual(await wordsOf(t, file, text), []));
}

test('a page that lists the statuses must name each', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-statuses-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const files = {
    ...TREE,
    'README.md': '',
    'contracts/status.ts': "export const STATUSES = ['approved', 'expired'];\n",
    'docs/send-data.md': '`approved` or `expired`\n',
    'docs/glossary.md': '`approved`\n',
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  assert.deepEqual(await checkDocs(root), ['docs/glossary.md: does not name the status `expired`']);
});
