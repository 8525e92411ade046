import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;
/** A connection that nothing refers to is closed by the garbage collector, and its lock goes with it. */
const held = new Set<DatabaseSync>();

export interface FileLock {
  /** Lets the next process in. Safe to call twice. */
  release(): void;
}

/** Takes the file at `path`, which is made when it is not there, for this process. The lock is the operating system's, on a
 *  SQLite file: it goes with the process, however that dies, so there is no stale lock to judge and a reused process id cannot
 *  fool it. Null when another process, or this one, holds it. Throws what SQLite throws. */
export function lockFile(path: string): FileLock | null {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
  const locked = db;
  held.add(locked);
  return {
    release() {
      if (held.delete(locked)) locked.close();
    },
  };
}
