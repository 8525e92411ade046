import { inTransaction } from '../../sqlite/in-transaction.ts';
import { isDamage } from '../../sqlite/sqlite-error.ts';
import { DatabaseSync } from 'node:sqlite';
import { GuardianError, messageOf } from '../../errors.ts';
import type { EntryWords } from './entry.ts';
import { buildRun, type Ends, type Run, type RunBuilder } from './run.ts';

/** Pages of a run have the ids from `run * RUN_PAGES` on. */
const RUN_PAGES = 2 ** 24;
const LIVE = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    ends TEXT NOT NULL,
    firsts BLOB NOT NULL,
    filter BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS pages (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS recent (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

/** Small texts by name, such as how far something has come. */
export type Facts = Readonly<Record<string, string>>;

/** Runs on the disk. Everything is synchronous; a power cut may take the last transactions, and takes no part of one. */
export interface RunFile {
  /** Newest first. */
  readonly runs: readonly Run[];
  /** Bytes of the file. */
  size(): number;
  page(run: Run, page: number): EntryWords;
  /** Begins a run with at most `most` entries. It counts from when it is put in. */
  begin(most: number): RunBuilder;
  /** Keeps entries that are in no run yet, in their order, and notes facts with them. A kill loses none of them. */
  keepRecent(entries: EntryWords, facts: Facts): void;
  /** The entries that were kept since the last run of recent ones. */
  recent(): EntryWords[];
  /** Puts a run of all recent entries in front, and notes facts with it, all or nothing. */
  putRecent(make: () => Run | null, facts: Facts): void;
  /** Puts the run that `make` finishes in the place of others, and notes facts with it, all or nothing. */
  put(make: () => Run | null, instead: readonly Run[], facts: Facts): void;
  fact(name: string): string | undefined;
  /** Deletes at most `pages` pages that no run has any more. True when there are more. */
  sweep(pages: number): boolean;
  /** Runs `work` in one transaction. */
  together<T>(work: () => T): T;
  close(): void;
}

/** Opens the runs in a file, which is made when it is not there. Throws APP_DATA_DIR; `isDamaged` says whether the file itself is
 *  the reason. */
export function openRunFile(path: string): RunFile {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 5000 });
    // Not FULL: what a power cut takes is read again from the log, which it cannot take.
    db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096; ${SCHEMA}`);
    return assemble(db);
  } catch (error) {
    if (db?.isOpen === true) db.close();
    throw new GuardianError('APP_DATA_DIR', `The index of transactions ${path} cannot be opened: ${messageOf(error)}.`, {
      cause: error,
      data: { path },
    });
  }
}

/** True when an error says that a file holds no sound database. */
export function isDamaged(error: unknown): boolean {
  const cause: unknown = error instanceof GuardianError ? error.cause : error;
  return isDamage(cause) || cause instanceof RangeError;
}

function assemble(db: DatabaseSync): RunFile {
  const selectPage = db.prepare('SELECT data FROM pages WHERE id = ?');
  const insertPage = db.prepare('INSERT INTO pages (id, data) VALUES (?, ?)');
  const insertRun = db.prepare(`INSERT INTO runs (id, state, entries, ends, firsts, filter) VALUES (?, ${LIVE}, ?, ?, ?, ?)`);
  const deleteRun = db.prepare('DELETE FROM runs WHERE id = ?');
  const putFact = db.prepare('INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const insertRecent = db.prepare('INSERT INTO recent (data) VALUES (?)');
  const selectFact = db.prepare('SELECT value FROM facts WHERE name = ?');
  let runs = readRuns(db);
  const leftOvers = foreignRuns(db, runs);
  let nextId = Math.max(0, ...runs.map(({ id }) => id), ...leftOvers) + 1;

  function note(facts: Facts): void {
    for (const [name, value] of Object.entries(facts)) putFact.run(name, value);
  }

  function replace(make: () => Run | null, instead: readonly Run[], facts: Facts, also?: () => void): void {
    const run = inTransaction(db, () => {
      const made = make();
      for (const { id } of instead) deleteRun.run(id);
      if (made !== null && made.entries > 0)
        insertRun.run(made.id, made.entries, JSON.stringify([...made.ends]), bytesOf(made.firsts), bytesOf(made.filter));
      note(facts);
      also?.();
      return made;
    });
    const kept = runs.filter((one) => !instead.includes(one));
    runs = (run === null || run.entries === 0 ? kept : [...kept, run]).sort((a, b) => b.id - a.id);
    leftOvers.push(...instead.map(({ id }) => id));
  }

  return {
    get runs() {
      return runs;
    },
    size: () => pragma(db, 'page_count') * pragma(db, 'page_size'),
    page(run, page) {
      const data = selectPage.get(run.id * RUN_PAGES + page)?.['data'];
      if (!(data instanceof Uint8Array)) throw new RangeError(`page ${page} of run ${run.id} is missing`);
      return wordsOf(data);
    },
    begin(most) {
      const id = nextId++;
      return buildRun(id, most, (page, words) => void insertPage.run(id * RUN_PAGES + page, bytesOf(words)));
    },
    keepRecent(entries, facts) {
      inTransaction(db, () => {
        if (entries.length > 0) insertRecent.run(bytesOf(entries));
        note(facts);
      });
    },
    recent: () =>
      db
        .prepare('SELECT data FROM recent ORDER BY id')
        .all()
        .map((row) => wordsOf(row['data'])),
    putRecent: (make, facts) => replace(make, [], facts, () => db.exec('DELETE FROM recent')),
    put: (make, instead, facts) => replace(make, instead, facts),
    fact: (name) => selectFact.get(name)?.['value'] as string | undefined,
    sweep(pages) {
      const [id] = leftOvers;
      if (id === undefined) return false;
      const gone = db
        .prepare('DELETE FROM pages WHERE id IN (SELECT id FROM pages WHERE id >= ? AND id < ? LIMIT ?)')
        .run(id * RUN_PAGES, (id + 1) * RUN_PAGES, pages);
      if (Number(gone.changes) < pages) leftOvers.shift();
      return leftOvers.length > 0;
    },
    together: (work) => inTransaction(db, work),
    close: () => db.close(),
  };
}

function readRuns(db: DatabaseSync): readonly Run[] {
  return db
    .prepare(`SELECT id, entries, ends, firsts, filter FROM runs WHERE state = ${LIVE} ORDER BY id DESC`)
    .all()
    .map((row) => ({
      id: Number(row['id']),
      entries: Number(row['entries']),
      ends: new Map(JSON.parse(String(row['ends'])) as [number, number][]) satisfies Ends,
      firsts: wordsOf(row['firsts']),
      filter: wordsOf(row['filter']),
    }));
}

/** Runs of which pages are there, and that nobody put in: a crash came before. */
function foreignRuns(db: DatabaseSync, runs: readonly Run[]): number[] {
  const known = new Set(runs.map(({ id }) => id));
  const found: number[] = [];
  const next = db.prepare('SELECT min(id) AS id FROM pages WHERE id >= ?');
  for (let from = 0; ;) {
    const id = next.get(from)?.['id'];
    if (typeof id !== 'number') return found;
    const run = Math.floor(id / RUN_PAGES);
    if (!known.has(run)) found.push(run);
    from = (run + 1) * RUN_PAGES;
  }
}

function pragma(db: DatabaseSync, name: 'page_count' | 'page_size'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function bytesOf(words: EntryWords): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function wordsOf(data: unknown): EntryWords {
  if (!(data instanceof Uint8Array) || data.byteLength % 4 !== 0) throw new RangeError('not whole words');
  if (data.byteOffset % 4 === 0 && data.buffer instanceof ArrayBuffer)
    return new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const copy = new Uint8Array(data);
  return new Uint32Array(copy.buffer, 0, copy.byteLength / 4);
}
