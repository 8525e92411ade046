import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheDir, readJson, root, SetupError } from './paths.mjs';
import { runNpm } from './npm.mjs';
import { showProgress } from './progress.mjs';
import { say } from './words.mjs';

const exe = process.platform === 'win32' ? 'node.exe' : 'node';
const bundled = join(root, 'node_modules', 'node', 'bin', exe);
const choiceFile = join(cacheDir, 'node.json');

const parse = (version) => version.replace(/^v/, '').split('.').map(Number);
const compare = (a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);

/** Whether a version is in a range such as `>=24.16 <25 || >=26.1`. */
export function satisfies(version, range) {
  const holds = (comparator) => {
    const [, operator, wanted] = /^(>=|<)(\d[\d.]*)$/.exec(comparator) ?? [];
    if (operator === undefined) throw new SetupError(`package.json "runtime" uses "${comparator}", which is not understood here.`);
    const order = compare(parse(version), parse(wanted));
    return operator === '>=' ? order >= 0 : order < 0;
  };
  return range.split('||').some((part) => part.trim().split(/\s+/).every(holds));
}

/** Version of a Node program, or '' when it does not run. */
function versionOf(file) {
  try {
    return execFileSync(file, ['-p', 'process.versions.node'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** The first Node on PATH that can run the program. */
function nodeOnPath(range) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, exe);
    if (folder === '' || !existsSync(file)) continue;
    const version = versionOf(file);
    if (version !== '' && satisfies(version, range)) return file;
  }
  return undefined;
}

/** Names of the registry's packages with this platform's Node program. */
function platformPackages() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `${platform}-${process.arch}`;
  return platform === 'darwin' ? [`node-bin-${name}`, `node-${name}`] : [`node-${name}`];
}

function place(from) {
  mkdirSync(join(root, 'node_modules', 'node', 'bin'), { recursive: true });
  rmSync(bundled, { force: true });
  try {
    linkSync(from, bundled);
  } catch {
    copyFileSync(from, bundled);
  }
  const link = join(root, 'node_modules', '.bin', 'node');
  if (process.platform !== 'win32' && !existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync('../node/bin/node', link);
  }
}

/** Downloads this platform's Node program into node_modules/node, the work of that package's own install script. */
async function downloadNode(range) {
  const home = join(root, 'node_modules', 'node');
  const locked = readJson(join(home, 'package.json'), {}).version;
  const versions = [...(locked === undefined ? [] : [locked]), range.split('||')[0].trim()];
  let last;
  for (const name of platformPackages()) {
    for (const version of versions) {
      try {
        await runNpm(
          ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--prefer-offline', '--prefix', home, `${name}@${version}`],
          { cwd: home },
        );
        return place(join(home, 'node_modules', name, 'bin', exe));
      } catch (error) {
        last = error;
      }
    }
  }
  throw new SetupError(
    say(
      `O Node ${process.versions.node} não serve (é preciso ${range}) e um mais novo não pôde ser baixado: ${last.message}. Instale o Node 24 e tente de novo.`,
      `Node ${process.versions.node} cannot run this program (it needs ${range}) and a newer one could not be downloaded: ${last.message}. Install Node 24 and try again.`,
    ),
  );
}

/** Path of a Node program that satisfies package.json "runtime" ("engines" is what can set it up): the one that runs us, the one in node_modules, one on
 *  PATH, or one that is downloaded now. The answer is remembered. Throws SetupError. */
export async function ensureNode() {
  const range = readJson(join(root, 'package.json'), {}).runtime?.node ?? '>=24.16';
  if (satisfies(process.versions.node, range)) return process.execPath;
  const known = readJson(choiceFile, {});
  if (known.range === range && existsSync(known.file ?? '') && statSync(known.file).mtimeMs === known.mtimeMs) return known.file;
  const usable = (file) => existsSync(file) && satisfies(versionOf(file) || '0', range);
  let file = usable(bundled) ? bundled : nodeOnPath(range);
  if (file === undefined) {
    await showProgress(say('Baixando o Node 24', 'Fetching Node 24'), downloadNode(range));
    if (!usable(bundled))
      throw new SetupError(
        say(
          `O Node baixado não roda nesta máquina. Instale o Node 24 (${range}) e tente de novo.`,
          `The downloaded Node does not run on this machine. Install Node 24 (${range}) and try again.`,
        ),
      );
    file = bundled;
  }
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(choiceFile, JSON.stringify({ range, file, mtimeMs: statSync(file).mtimeMs }));
  return file;
}
