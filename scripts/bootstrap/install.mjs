import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, readJson, root, SetupError } from './paths.mjs';
import { runNpm } from './npm.mjs';
import { showProgress } from './progress.mjs';
import { say } from './words.mjs';

const stampFile = join(cacheDir, 'installed.json');

/** Hash of the lock file: what is installed is right as long as it does not change. */
function lockHash() {
  try {
    return createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex');
  } catch (error) {
    throw new SetupError(
      say('Falta o package-lock.json; o clone está completo?', 'package-lock.json is missing; is this a complete clone?'),
      { cause: error },
    );
  }
}

/** The packages of the lock file. */
function lockedPackages() {
  try {
    return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  } catch (error) {
    throw new SetupError(
      say('O package-lock.json está danificado; restaure-o com git', 'package-lock.json is damaged; restore it with git'),
      { cause: error },
    );
  }
}

/** True when npm's own record of node_modules has every package of the lock file in the right version. */
function matchesLock() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'), { packages: {} }).packages;
  return Object.entries(lockedPackages()).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link || entry.optional || entry.peer) return true;
    return installed[path]?.version === entry.version;
  });
}

/** Refuses to go on in a folder that cannot be written. */
export function requireWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const message = say(
      `Não é possível gravar em ${folder}: mude o dono da pasta, ou clone numa pasta sua.`,
      `The folder ${folder} is not writable: change its owner, or clone into a folder of yours.`,
    );
    throw new SetupError(message, { cause: error });
  }
}

/** `npm ci` into an empty clone; `npm install` where node_modules is there already, and where the registry does not have
 *  every optional package of other platforms (then `npm ci` calls the lock file out of date). Neither changes the lock. */
async function installPackages() {
  const update = ['install', '--no-save', '--ignore-scripts', '--prefer-offline'];
  if (existsSync(join(root, 'node_modules', '.package-lock.json'))) return runNpm(update);
  try {
    return await runNpm(['ci', '--ignore-scripts', '--prefer-offline']);
  } catch (error) {
    if (!/EUSAGE|in sync/.test(error.output ?? '')) throw error;
    return runNpm(update);
  }
}

/** Makes `npx guardian` find this clone without asking the registry. */
function linkProgram() {
  const link = join(root, 'node_modules', '.bin', 'guardian');
  if (process.platform === 'win32' || existsSync(link)) return;
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  symlinkSync('../../scripts/guardian.mjs', link);
}

/** Installs the packages of the lock file when they are not there. Fast (a hash and a small file) when they are.
 *  Install scripts never run: no package needs one, and newer npm versions block them. Throws SetupError. */
export async function ensurePackages() {
  const hash = lockHash();
  if (readJson(stampFile, {}).lock === hash && existsSync(join(root, 'node_modules', '.package-lock.json'))) return;
  requireWritable(root);
  if (!matchesLock()) {
    try {
      await showProgress(say('Instalando os pacotes', 'Installing packages'), installPackages());
    } catch (error) {
      const message = say('Os pacotes não puderam ser instalados', 'The packages could not be installed');
      throw new SetupError(`${message}: ${error.message}.`, { cause: error });
    }
  }
  linkProgram();
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ lock: hash }));
}
