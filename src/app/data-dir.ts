import { createHash, randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { GuardianError, messageOf } from '../errors.ts';
import { closeToOthers } from './data-dir-modes.ts';

/** Where everything that must survive a restart lives. Absolute paths. */
export interface DataDir {
  readonly root: string;
  readonly bus: string;
  readonly database: string;
  /** File of the index of raw transactions. */
  readonly rawIndex: string;
}

/** Makes the data directory when it is absent, checks that it can be written, and closes it and what lies in it to others,
 *  also where it was there before. From then on this process makes files for its owner only. Throws APP_DATA_DIR. */
export async function prepareDataDir(path: string): Promise<DataDir> {
  const root = resolve(path);
  const dir = { root, bus: join(root, 'bus'), database: join(root, 'database'), rawIndex: join(root, 'raw-index.sqlite') };
  if (isMainThread) process.umask(0o077);
  try {
    await makeDirectory(dir.bus);
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
    await access(dir.bus, constants.R_OK | constants.W_OK | constants.X_OK);
    await closeToOthers(root, { deep: false });
  } catch (error) {
    throw new GuardianError(
      'APP_DATA_DIR',
      `The data directory ${root} cannot be written (${messageOf(error)}); set data_dir or GUARDIAN_DATA_DIR to one that can.`,
      {
        cause: error,
        data: { path: root },
      },
    );
  }
  return dir;
}

/** Node's own recursive mkdir never ends where a file system says "no such directory" to a new one, as /proc does. */
async function makeDirectory(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeDirectory(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** The secret of this installation that signs console links and sessions, 32 bytes: made of the text that is `configured`, else made
 *  once and kept in the data directory, readable by its owner only. Throws APP_DATA_DIR. */
export async function loadSecret(dir: DataDir, configured?: string): Promise<Uint8Array> {
  if (configured !== undefined) return createHash('sha256').update(configured).digest();
  const path = join(dir.root, 'secret');
  try {
    await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new GuardianError('APP_DATA_DIR', `The secret ${path} cannot be written: ${messageOf(error)}`, {
        cause: error,
        data: { path },
      });
    }
  }
  const secret = Buffer.from((await readFile(path, 'utf8')).trim(), 'hex');
  if (secret.length < 32)
    throw new GuardianError('APP_DATA_DIR', `The secret ${path} is damaged; delete it and start again (open sessions end).`, {
      rule: 'secret_damaged',
      params: { path },
    });
  return secret;
}
