import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

const SOURCES: Readonly<Record<string, string>> = {
  'src/main.ts': `import { Worker } from 'node:worker_threads';
import { readFileSync } from 'node:fs';
import { word } from './word.ts';
const data = readFileSync(new URL('./deep/data.txt', import.meta.url), 'utf8');
new Worker(new URL('./threads/thread.ts', import.meta.url)).once('message', (said: string) => console.log(word, data, said));
`,
  'src/word.ts': `export const word: string = 'word';\n`,
  'src/deep/data.txt': 'data',
  'src/threads/thread.ts': `import { parentPort } from 'node:worker_threads';
import { word } from '../word.ts';
parentPort?.postMessage(word + ' in a thread, ' + new URL('.', import.meta.url).pathname.endsWith('/src/threads/'));
`,
  'contracts/contract.ts': 'export {};\n',
  'package-lock.json': '{}',
};

/** A clone with a program of three files. */
function clone(t: TestContext, { bundler }: { bundler: boolean } = { bundler: true }) {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-program-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(SOURCES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  cpSync(join(ROOT, 'scripts/bootstrap'), join(folder, 'scripts/bootstrap'), { recursive: true });
  if (bundler) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const script = `const { ensureProgram, programFile } = await import(${JSON.stringify(join(folder, 'scripts/bootstrap/program.mjs'))});
await ensureProgram(process.execPath);
console.log(programFile());`;
  const prepare = () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', env: english() });
    return { file: stdout.trim(), stderr };
  };
  const run = (file: string): string => spawnSync(process.execPath, [file], { encoding: 'utf8' }).stdout.trim();
  const folders = (): string[] => readdirSync(join(folder, 'dist/program')).sort();
  return { folder, prepare, run, folders };
}

const english = (): NodeJS.ProcessEnv => ({ ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8', GUARDIAN_LOCALE: 'en' });

test('the program made into few files runs its threads from them and finds its data beside the sources', (t) => {
  const { prepare, run, folders } = clone(t);
  const { file, stderr } = prepare();
  assert.match(file, /dist\/program\/[0-9a-f]{16}\/main\.mjs$/, stderr);
  assert.equal(run(file), 'word data word in a thread, true');
  assert.equal(folders().length, 1);
});

test('it is made once for each state of the sources, and what a running server loads from stays', (t) => {
  const { folder, prepare, run, folders } = clone(t);
  const first = prepare();
  assert.match(first.stderr, /Building the program/);
  assert.deepEqual(prepare(), { file: first.file, stderr: '' });
  writeFileSync(join(folder, 'src/word.ts'), `export const word: string = 'another';\n`);
  const second = prepare();
  assert.notEqual(second.file, first.file);
  assert.equal(run(second.file), 'another data another in a thread, true');
  assert.equal(run(first.file), 'word data word in a thread, true');
  assert.equal(folders().length, 2);
});

test('sources that cannot be made into it are started as they are, and a line says so', (t) => {
  const { folder, prepare } = clone(t);
  appendFileSync(join(folder, 'src/word.ts'), 'export const = 1;\n');
  const { file, stderr } = prepare();
  assert.equal(file, join(folder, 'src/main.ts'));
  assert.match(stderr, /The program starts from its sources, more slowly: [^]*word\.ts/);
});

test('without the bundler the newest that was made is started, or the sources', (t) => {
  const { folder, prepare } = clone(t, { bundler: false });
  assert.deepEqual(prepare(), { file: join(folder, 'src/main.ts'), stderr: '' });
  for (const name of ['unfinished', 'whole']) mkdirSync(join(folder, 'dist/program', name), { recursive: true });
  writeFileSync(join(folder, 'dist/program/whole/main.mjs'), '');
  assert.deepEqual(prepare(), { file: join(folder, 'dist/program/whole/main.mjs'), stderr: '' });
});
