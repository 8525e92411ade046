import type { DatabaseSync } from 'node:sqlite';

/** Runs `work` in one transaction that holds the write lock from its start. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors; a second rollback would hide the first error.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
