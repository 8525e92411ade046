import { backup, DatabaseSync } from 'node:sqlite';

/** A SQLite file as it was at one moment, while others go on writing to it. The write-ahead log of the file grows as long as it is held. */
export interface FileSnapshot {
  /** Rows of one statement without parameters. */
  rows(statement: string): readonly Record<string, unknown>[];
  /** Writes it to a new file. */
  copyTo(path: string): Promise<void>;
  close(): void;
}

/** Pages in one step of a copy, between which others have their turn. */
const STEP_PAGES = 1000;

/** Holds what a file has now. Throws what SQLite throws. */
export function holdSnapshot(path: string): FileSnapshot {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    // The first read fixes what the transaction sees, and the copy is made inside of it.
    db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    rows: (statement) => db.prepare(statement).all(),
    copyTo: async (target) => void (await backup(db, target, { rate: STEP_PAGES })),
    close: () => db.close(),
  };
}
