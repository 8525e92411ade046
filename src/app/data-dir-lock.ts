import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GuardianError, messageOf } from '../errors.ts';

const SQLITE_BUSY = 5;
/** A connection that nothing refers to is closed by the garbage collector, and its lock goes with it. */
const held = new Set<DatabaseSync>();

export interface DataDirLock {
  /** Lets the next process in. Safe to call twice. */
  release(): void;
}

/** Takes the data directory `root`, which must exist, for this process. The lock is the operating system's, on a SQLite file:
 *  it goes with the process, however that dies, so there is no stale lock to judge and a reused process id cannot fool
 *  it. Throws APP_ALREADY_RUNNING with `data.pid` when another process, or this one, holds it, APP_DATA_DIR. */
export function lockDataDir(root: string, pid: number): DataDirLock {
  const noteFile = join(root, 'guardian.pid');
  const db = openLocked(root, noteFile);
  try {
    writeFileSync(noteFile, `${pid}\n`);
  } catch (error) {
    db.close();
    throw new GuardianError('APP_DATA_DIR', `The file ${noteFile} cannot be written: ${messageOf(error)}`, {
      cause: error,
      data: { path: noteFile },
    });
  }
  held.add(db);
  return {
    release() {
      if (held.delete(db)) db.close();
    },
  };
}

function openLocked(root: string, noteFile: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(root, 'guardian.lock'), { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) throw alreadyRunning(root, noteFile);
    throw new GuardianError('APP_DATA_DIR', `The data directory ${root} cannot be locked: ${messageOf(error)}`, {
      cause: error,
      data: { path: root },
    });
  }
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
