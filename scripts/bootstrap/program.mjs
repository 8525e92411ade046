import { spawn } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { showProgress } from './progress.mjs';
import { sourcesHash } from './sources-hash.mjs';
import { say } from './words.mjs';

/** A folder for each state of the sources: `dist/program/<hash>/main.mjs`, with what it loads beside it. */
const built = join(root, 'dist', 'program');
const bundler = join(root, 'node_modules', 'rolldown');
/** A server that is running loads files of its own folder until it stops, so folders of earlier states stay. */
const KEPT = 10;

const entryOf = (folder) => join(folder, 'main.mjs');

let ofSources;

/** The folder of the sources as they were when this process asked first. */
function folderOfSources() {
  ofSources ??= join(built, sourcesHash([join(root, 'src'), join(root, 'contracts')], [join(root, 'package-lock.json')]).slice(0, 16));
  return ofSources;
}

/** Folders that are whole, the newest first. */
function folders() {
  if (!existsSync(built)) return [];
  const whole = readdirSync(built)
    .map((name) => join(built, name))
    .filter((folder) => existsSync(entryOf(folder)));
  return whole.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

/** The file that starts the program: the one that was made of the sources, or the sources. An image without the bundler has the
 *  one that it was built with. */
export function programFile() {
  const folder = existsSync(bundler) ? folderOfSources() : folders()[0];
  return folder !== undefined && existsSync(entryOf(folder)) ? entryOf(folder) : join(root, 'src', 'main.ts');
}

function bundleInto(node, folder) {
  return new Promise((resolve, reject) => {
    const script = join(root, 'scripts', 'bootstrap', 'build-program.mjs');
    const child = spawn(node, [script, folder], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => (output = (output + chunk).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(output.trim() || `rolldown: ${code}`))));
  });
}

/** Makes the program's 700 files, and what they load of TypeBox, into few: a start takes half the processor time (`docs/architecture.md`,
 *  Start). It is for speed alone: where it cannot be made, the program starts from its sources, and one line says so. */
export async function ensureProgram(node) {
  if (!existsSync(bundler)) return;
  const folder = folderOfSources();
  if (existsSync(entryOf(folder))) return;
  const unfinished = `${folder}.${process.pid}`;
  try {
    await showProgress(say('Montando o programa', 'Building the program'), bundleInto(node, unfinished));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    for (const old of folders().slice(KEPT)) rmSync(old, { recursive: true, force: true });
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const message = say('O programa inicia a partir dos fontes, mais devagar', 'The program starts from its sources, more slowly');
    process.stderr.write(`${message}: ${error.message}\n`);
  }
}
