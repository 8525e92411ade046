import { inTransaction } from '../../sqlite/in-transaction.ts';
import { isDamage, sqliteCode } from '../../sqlite/sqlite-error.ts';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError, messageOf } from '../../errors.ts';

// 2: records have headers. An earlier program would take such blocks for damaged ones, and must not open the file.
// 3: blocks may be compressed.
const SCHEMA_VERSION = 3;
const PAGE_BYTES = 8192;
// 4 MiB: at 100,000 records a second a checkpoint then delays a commit by some 10 ms, and by 80 ms at 64 MiB.
const CHECKPOINT_PAGES = 512;
const WAL_KEPT_BYTES = 67_108_864;
const BUSY_MS = 5000;
const OPEN_ATTEMPTS = 50;
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

// The index carries all facts about a block, so that looking for one never reads the blobs, not even damaged ones.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS partitions (
    partition INTEGER PRIMARY KEY,
    next_offset INTEGER NOT NULL DEFAULT 0,
    published_at INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS blocks (
    id INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL,
    first_offset INTEGER NOT NULL,
    count INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS blocks_by_offset ON blocks (partition, first_offset, count, published_at, bytes);
`;

export interface TopicFileOptions {
  readonly dir: string;
  readonly topic: Topic;
  /** Partitions that must exist; more may, from an earlier configuration. */
  readonly partitions: number;
  /** Largest file; appends beyond it fail as on a full disk. */
  readonly maxFileBytes?: number | undefined;
}

/** Path of the SQLite file of a topic. */
export function topicPath(dir: string, topic: Topic): string {
  return join(dir, `${topic}.sqlite`);
}

/** True when the log in `dir` has a file of the topic. */
export function hasTopicFile(dir: string, topic: Topic): boolean {
  return existsSync(topicPath(dir, topic));
}

/** Opens the file of a topic for reading and appending, and creates it when it is not there. Several threads and
 *  processes may do so at once. Throws APP_DATA_DIR. */
export function openTopicFile(options: TopicFileOptions): DatabaseSync {
  const path = topicPath(options.dir, options.topic);
  const db = openSqlite(path, (fresh) => {
    fresh.exec(SCHEMA);
    // Offsets mean records of this file and of no other: the id distinguishes a file from one that took its place.
    fresh.prepare('INSERT INTO identity SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)').run(randomUUID());
    const add = fresh.prepare('INSERT OR IGNORE INTO partitions (partition) VALUES (?)');
    for (let partition = 0; partition < options.partitions; partition += 1) add.run(partition);
  });
  if (options.maxFileBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.floor(options.maxFileBytes / PAGE_BYTES)}`);
  return db;
}

/** Opens a SQLite file that survives power cuts, and runs `prepare` in one transaction. Throws APP_DATA_DIR. */
export function openSqlite(path: string, prepare: (db: DatabaseSync) => void): DatabaseSync {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return tryOpen(path, prepare);
    } catch (error) {
      if (error instanceof GuardianError) throw error;
      // Switching a new file to WAL answers "busy" without waiting when another opener does the same.
      if (sqliteCode(error) !== SQLITE_BUSY || attempt >= OPEN_ATTEMPTS) {
        const message = `The bus needs to open ${path}, and SQLite said: ${messageOf(error)}. Check the data directory.`;
        throw new GuardianError('APP_DATA_DIR', message, { cause: error, data: { path } });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function tryOpen(path: string, prepare: (db: DatabaseSync) => void): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};`);
    inTransaction(db, () => {
      const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (version > SCHEMA_VERSION) {
        throw new GuardianError(
          'APP_DATA_DIR',
          `${path} has format ${version}, this program knows up to ${SCHEMA_VERSION}. Use the newer program.`,
          { rule: 'log_newer', params: { path, version, known: SCHEMA_VERSION } },
        );
      }
      prepare(db);
      if (version < SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** True for errors after which the same connection is sure to work again: no room, or somebody else holds the lock. */
export function isPlainRefusal(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_BUSY || code === SQLITE_FULL;
}

/** The error that callers of the bus see when SQLite fails. */
export function unavailable(doing: string, what: string, error: unknown): GuardianError {
  const retryable = !isDamage(error);
  const advice = retryable ? 'Check the disk and try again.' : 'The file is damaged: restore it or move it away.';
  const message = `The bus could not ${doing} ${what}: ${messageOf(error)}. ${advice}`;
  return new GuardianError('BUS_UNAVAILABLE', message, { retryable, cause: error, data: { what } });
}
