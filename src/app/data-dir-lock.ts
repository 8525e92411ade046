import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuardianError, messageOf } from '../errors.ts';
import { lockFile, type FileLock } from './engines.ts';

/** Takes the data directory `root`, which must exist, for this process, until that ends: `guardian` for its owner, `api` for the one
 *  process that gives out links and sessions, `supervisor` for who starts the others. Throws APP_ALREADY_RUNNING with
 *  `data.pid` when another process, or this one, holds it, APP_DATA_DIR. */
export function lockDataDir(root: string, pid: number, name: 'guardian' | 'api' | 'supervisor' = 'guardian'): FileLock {
  const noteFile = join(root, `${name}.pid`);
  const lock = lockedIn(root, name, noteFile);
  try {
    writeFileSync(noteFile, `${pid}\n`);
    return lock;
  } catch (error) {
    lock.release();
    throw new GuardianError('APP_DATA_DIR', `The file ${noteFile} cannot be written: ${messageOf(error)}`, {
      cause: error,
      data: { path: noteFile },
    });
  }
}

function lockedIn(root: string, name: string, noteFile: string): FileLock {
  let lock: FileLock | null;
  try {
    lock = lockFile(join(root, `${name}.lock`));
  } catch (error) {
    throw new GuardianError('APP_DATA_DIR', `The data directory ${root} cannot be locked: ${messageOf(error)}`, {
      cause: error,
      data: { path: root },
    });
  }
  if (lock === null) throw alreadyRunning(root, noteFile);
  return lock;
}

function alreadyRunning(root: string, noteFile: string): GuardianError {
  const pid = readPid(noteFile);
  const who = pid === undefined ? 'Another process' : `Process ${pid}`;
  return new GuardianError('APP_ALREADY_RUNNING', `${who} already uses the data directory ${root}: stop it, or set another data_dir.`, {
    data: { root, pid },
  });
}

/** The note may be absent for an instant, between the lock and the writing. */
function readPid(noteFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(noteFile, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
