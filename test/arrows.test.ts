import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ARROWS, CHAT_TEXT_ROOMS, DETECT_ROOMS, GROUND, WEB_ROOMS } from '../oxlint.config.ts';

const ROOT = join(import.meta.dirname, '..');
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint');

interface Case {
  readonly file: string;
  readonly code: string;
  /** The rule that must refuse the file; null: it must pass. */
  readonly rule: string | null;
}

const imports = (from: string) => `import { thing } from '${from}';\n\nexport const used = thing;\n`;
const refused = (file: string, from: string): Case => ({ file, code: imports(from), rule: 'no-restricted-imports' });
const allowed = (file: string, from: string): Case => ({ file, code: imports(from), rule: null });
const broken = (file: string, code: string, rule: string): Case => ({ file, code, rule });

const stages = ['ingest', 'window', 'detect', 'alert'];
const CASES: readonly Case[] = [
  ...stages.flatMap((stage) => [
    refused(`src/${stage}/takes-log.ts`, '../bus/embedded/log.ts'),
    refused(`src/${stage}/takes-pglite.ts`, '../store/pglite/database.ts'),
    refused(`src/${stage}/takes-vendor.ts`, '@electric-sql/pglite'),
    refused(`src/${stage}/takes-sqlite.ts`, 'node:sqlite'),
    refused(`src/${stage}/takes-fastify.ts`, 'fastify'),
    refused(`src/${stage}/takes-http.ts`, '../http/server.ts'),
    refused(`src/${stage}/takes-cli.ts`, '../cli/up.ts'),
    refused(`src/${stage}/takes-app.ts`, '../app/app.ts'),
    refused(`src/${stage}/deep/takes-app.ts`, '../../app/app.ts'),
    refused(`src/${stage}/takes-process.ts`, 'node:process'),
    broken(`src/${stage}/loads-app.ts`, `export const load = () => import('../app/app.ts');\n`, 'no-restricted-imports'),
    allowed(`src/${stage}/takes-bus.ts`, '../bus/bus.ts'),
    allowed(`src/${stage}/deep/takes-bus.ts`, '../../bus/bus.ts'),
    allowed(`src/${stage}/takes-verb.ts`, '../store/verbs/alert/list-alerts.ts'),
    allowed(`src/${stage}/takes-errors.ts`, '../errors.ts'),
    allowed(`src/${stage}/takes-contracts.ts`, '@transaction-guardian/contracts/topics.ts'),
    allowed(`src/${stage}/with-engine.test.ts`, '../bus/embedded/log.ts'),
  ]),
  refused('src/detect/takes-alert.ts', '../alert/route.ts'),
  ...DETECT_ROOMS.slice(1).map((room, index) => refused(`src/detect/${DETECT_ROOMS[index]}/takes-${room}.ts`, `../${room}/thing.ts`)),
  ...DETECT_ROOMS.slice(1).map((room) => allowed(`src/detect/${room}/takes-series.ts`, '../series/series-store.ts')),
  refused('src/detect/series/takes-alert.ts', '../../alert/route.ts'),
  ...CHAT_TEXT_ROOMS.map((room) => refused(`src/chat/${room}/takes-verb.ts`, '../../store/verbs/alert/list-alerts.ts')),
  refused('src/chat/period/takes-grammar.ts', '../grammar/words.ts'),
  allowed('src/chat/grammar/takes-period.ts', '../period/period.ts'),
  allowed('src/chat/takes-verb.ts', '../store/verbs/alert/list-alerts.ts'),
  refused('src/chat/takes-http.ts', '../http/server.ts'),
  ...WEB_ROOMS.slice(1).map((room, index) => refused(`web/src/${WEB_ROOMS[index]}/takes-${room}.ts`, `../${room}/thing.ts`)),
  refused('src/http/takes-log.ts', '../bus/embedded/log.ts'),
  refused('src/http/takes-pglite.ts', '../store/pglite/database.ts'),
  refused('src/http/takes-app.ts', '../app/app.ts'),
  allowed('src/http/takes-fastify.ts', 'fastify'),
  allowed('src/http/takes-ingest.ts', '../ingest/accept.ts'),
  refused('src/cli/takes-log.ts', '../bus/embedded/log.ts'),
  allowed('src/cli/takes-app.ts', '../app/app.ts'),
  refused('src/app/takes-log.ts', '../bus/embedded/log.ts'),
  refused('src/app/takes-pglite.ts', '../store/pglite/database.ts'),
  refused('src/app/takes-sqlite.ts', 'node:sqlite'),
  refused('src/app/role/takes-log.ts', '../../bus/embedded/log.ts'),
  broken('src/app/loads-log.ts', `export const load = () => import('../bus/embedded/log.ts');\n`, 'no-restricted-imports'),
  refused('src/app/takes-console.ts', '../../web/src/page.ts'),
  allowed('src/app/engines.ts', '../bus/embedded/log.ts'),
  allowed('src/app/takes-engines.ts', './engines.ts'),
  allowed('src/app/role/takes-engines.ts', '../engines.ts'),
  allowed('bench/takes-log.ts', '../src/bus/embedded/log.ts'),
  allowed('src/store/takes-bus.ts', '../bus/bus.ts'),
  refused('src/store/takes-log.ts', '../bus/embedded/log.ts'),
  refused('src/bus/takes-store.ts', '../store/database.ts'),
  refused('contracts/takes-src.ts', '../src/errors.ts'),
  refused('contracts/takes-file-system.ts', 'node:fs'),
  allowed('contracts/takes-contract.ts', './topics.ts'),
  refused('web/src/takes-server.ts', '../../src/http/server.ts'),
  refused('web/src/deep/takes-errors.ts', '../../../src/errors.ts'),
  allowed('web/src/takes-own.ts', './chart.ts'),
  allowed('web/src/deep/takes-own.ts', '../chart.ts'),
  allowed('web/src/takes-contracts.ts', '@transaction-guardian/contracts/stats.ts'),

  broken('src/detect/reads-clock.ts', 'export const now = () => Date.now();\n', 'no-restricted-properties'),
  broken('src/detect/rolls-dice.ts', 'export const roll = () => Math.random();\n', 'no-restricted-properties'),
  broken('src/window/prints.ts', `export const say = () => console.log('x');\n`, 'no-console'),
  broken('src/alert/reads-environment.ts', 'export const home = () => process.env.HOME;\n', 'no-restricted-globals'),
  broken('src/ingest/exits.ts', 'export const leave = () => process.exit(1);\n', 'no-process-exit'),
  broken('src/ingest/defaults.ts', 'export default 1;\n', 'no-default-export'),
  broken('src/ingest/any.ts', 'export const f = (x: any) => String(x);\n', 'no-explicit-any'),
  broken('src/ingest/floats.ts', 'const f = async () => 1;\nexport const g = () => {\n  f();\n};\n', 'no-floating-promises'),
  broken(
    'src/ingest/forgets-a-case.ts',
    `export const f = (x: 'a' | 'b') => {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n};\n`,
    'switch-exhaustiveness-check',
  ),
  broken('src/ingest/barrel.ts', `export { thing } from './thing.ts';\nexport * from './other.ts';\n`, 'no-barrel-file'),
  broken('src/ingest/long.ts', 'export const x = [\n' + '  1,\n'.repeat(400) + '];\n', 'max-lines'),
  broken('src/ingest/chicken.ts', `import { egg } from './egg.ts';\n\nexport const chicken = (): number => egg();\n`, 'no-cycle'),
  broken(
    'src/ingest/shape.ts',
    `import type { Colour } from './colour.ts';\n\nexport interface Shape {\n  readonly colour: Colour;\n}\n`,
    'no-cycle',
  ),
  broken(
    'src/ingest/colour.ts',
    `import type { Shape } from './shape.ts';\n\nexport interface Colour {\n  readonly of: Shape;\n}\n`,
    'no-cycle',
  ),
  broken('src/ingest/egg.ts', `import { chicken } from './chicken.ts';\n\nexport const egg = (): number => chicken();\n`, 'no-cycle'),
  { file: 'src/ingest/facts.test.ts', code: `import { test } from 'node:test';\n\ntest('a fact', () => {});\n`, rule: null },
];

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

let directory: string;
let found: readonly Diagnostic[];

async function lint(): Promise<readonly Diagnostic[]> {
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [OXLINT, '--format=json'], { cwd: directory, maxBuffer: 2 ** 26 }, (_error, stdout) => resolve(stdout));
  });
  const report = JSON.parse(output) as { diagnostics: readonly Diagnostic[] };
  return report.diagnostics;
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'guardian-arrows-'));
  await cp(join(ROOT, 'oxlint.config.ts'), join(directory, 'oxlint.config.ts'));
  await cp(join(ROOT, 'tsconfig.json'), join(directory, 'tsconfig.json'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  for (const { file, code } of CASES) {
    await mkdir(join(directory, dirname(file)), { recursive: true });
    await writeFile(join(directory, file), code);
  }
  found = await lint();
});

after(() => rm(directory, { recursive: true, force: true }));

for (const { file, rule } of CASES) {
  test(rule ? `${file} is refused by ${rule}` : `${file} passes`, () => {
    const rules = found.filter((diagnostic) => diagnostic.filename === file).map((diagnostic) => diagnostic.code);
    if (rule)
      assert.ok(
        rules.some((code) => code.includes(`(${rule})`)),
        `expected ${rule}, found: ${rules.join(', ') || 'nothing'}`,
      );
    else assert.deepEqual(rules, []);
  });
}

test('every folder of src has its arrows', async () => {
  const entries = await readdir(join(ROOT, 'src'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert.deepEqual(
    folders.filter((folder) => !(folder in ARROWS)),
    [],
  );
});

test('only the ground stands directly in src', async () => {
  const entries = await readdir(join(ROOT, 'src'), { withFileTypes: true });
  const isOfTests = (name: string): boolean => name.endsWith('.test.ts') || name.startsWith('test-');
  const files = entries.filter((entry) => entry.isFile() && !isOfTests(entry.name)).map((entry) => entry.name);
  assert.deepEqual(files.toSorted(), GROUND);
});

test('every folder of the detector and of the console is a room with arrows', async () => {
  const foldersOf = async (path: string) =>
    (await readdir(join(ROOT, path), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert.deepEqual((await foldersOf('src/detect')).toSorted(), DETECT_ROOMS.toSorted());
  assert.deepEqual((await foldersOf('web/src')).filter((folder) => folder !== 'styles').toSorted(), WEB_ROOMS.toSorted());
});
