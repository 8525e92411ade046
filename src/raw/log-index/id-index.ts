import { ENTRY_WORDS, offsetAt, partitionAt, STATE, stateAt, type EntryWords } from './entry.ts';
import { createMemoryTable } from './memory-table.ts';
import { beginMerge, type Merge } from './merge.ts';
import { DETACHED, findInRun, type Ends, type Run } from './run.ts';
import type { Facts, RunFile } from './run-file.ts';

/** What is old: by partition the earliest offset that the log keeps, and the minute from which detached entries are kept. */
export interface Horizon {
  readonly earliest: ReadonlyMap<number, number>;
  readonly detachedFrom: number;
}

/** Places by key: entries in memory, and sorted runs on the disk, as in a log-structured merge tree. What is older than the horizon is
 *  not there. Everything is synchronous. */
export interface IdIndex {
  /** Copies the entry of a key into `into`; false when there is none, or only one that is too old. */
  find(key: EntryWords, horizon: Horizon, into: EntryWords): boolean;
  /** The same, of any age. */
  findAny(key: EntryWords, into: EntryWords): boolean;
  put(entry: EntryWords): void;
  /** True when the memory takes no more: it must be written out first. */
  isFull(): boolean;
  /** Writes what was put since the last time, together with `facts`: a kill loses none of it. */
  save(facts: Facts): void;
  /** Makes a run of the entries in memory, and notes `facts`. */
  flush(facts: Facts): void;
  /** A little work for the shape of the index: about so many entries merged, what is too old dropped. */
  tend(entries: number, horizon: Horizon): void;
  readonly entries: number;
  close(): void;
}

export interface IdIndexOptions {
  /** Entries in memory before they are written out, a power of two (default 131 072: 7 MB). */
  readonly memoryEntries?: number;
}

const MEMORY_ENTRIES = 131_072;
/** So many neighbours of one size become one run, eight times as large. */
const FAN = 8;
/** Larger runs stay: they are deleted whole when all in them is too old. */
const LAST_MERGED_TIER = 1;
const SWEEP_PAGES = 256;
/** What a batch mostly needs. */
const SAVED_ENTRIES = 5000;

/** True for an entry that the log, or its age, has left behind. */
export function isBefore({ earliest, detachedFrom }: Horizon, words: EntryWords, at = 0): boolean {
  const offset = offsetAt(words, at);
  return stateAt(words, at) === STATE.detached ? offset < detachedFrom : offset < (earliest.get(partitionAt(words, at)) ?? 0);
}

/** Opens the index over a file of runs. */
export function createIdIndex(file: RunFile, { memoryEntries = MEMORY_ENTRIES }: IdIndexOptions = {}): IdIndex {
  const memory = createMemoryTable(memoryEntries);
  let merge: Merge | undefined;
  /** Entries of `memory` that are not on the disk. */
  let unsaved: EntryWords = new Uint32Array(SAVED_ENTRIES * ENTRY_WORDS);
  let unsavedWords = 0;
  for (const words of file.recent())
    for (let at = 0; at < words.length; at += ENTRY_WORDS) memory.put(words.subarray(at, at + ENTRY_WORDS));

  function findAny(key: EntryWords, into: EntryWords): boolean {
    if (memory.find(key, into)) return true;
    for (const run of file.runs) if (findInRun(run, key, into, file.page)) return true;
    return false;
  }

  function startMerge(horizon: Horizon): Merge | undefined {
    const group = groupToMerge(file.runs, memoryEntries);
    if (group === undefined) return undefined;
    return beginMerge(file, group, { judge: (words, at) => !isBefore(horizon, words, at) });
  }

  return {
    find: (key, horizon, into) => findAny(key, into) && !isBefore(horizon, into),
    findAny,
    put(entry) {
      memory.put(entry);
      if (unsavedWords + ENTRY_WORDS > unsaved.length) unsaved = grown(unsaved);
      unsaved.set(entry, unsavedWords);
      unsavedWords += ENTRY_WORDS;
    },
    save(facts) {
      const words = unsaved.subarray(0, unsavedWords);
      // Also when it fails: the batch comes again, and puts them again.
      unsavedWords = 0;
      file.keepRecent(words, facts);
    },
    isFull: () => memory.size >= memoryEntries,
    flush(facts) {
      file.putRecent(() => {
        if (memory.size === 0) return null;
        const sorted = memory.sorted();
        const builder = file.begin(memory.size);
        for (let at = 0; at < sorted.length; at += ENTRY_WORDS) builder.add(sorted, at);
        return builder.finish();
      }, facts);
      memory.clear();
      unsavedWords = 0;
    },
    tend(entries, horizon) {
      try {
        merge ??= startMerge(horizon);
        if (merge?.step(entries) === true) merge = undefined;
      } catch (error) {
        // Its pages are deleted at the next start.
        merge = undefined;
        throw error;
      }
      if (merge === undefined) {
        const old = file.runs.filter((run) => isOld(run.ends, horizon));
        if (old.length > 0) file.put(() => null, old, {});
      }
      file.sweep(SWEEP_PAGES);
    },
    close: () => file.close(),
    get entries() {
      return memory.size + file.runs.reduce((sum, run) => sum + run.entries, 0);
    },
  };
}

/** The newest runs, when there are eight or more of one size or smaller: always neighbours, so that newer entries stay in front. */
function groupToMerge(newestFirst: readonly Run[], unit: number): readonly Run[] | undefined {
  for (let tier = 0; tier <= LAST_MERGED_TIER; tier += 1) {
    const end = newestFirst.findIndex((run) => tierOf(run.entries, unit) > tier);
    const group = newestFirst.slice(0, end < 0 ? newestFirst.length : end);
    if (group.length >= FAN) return group;
  }
  return undefined;
}

function tierOf(entries: number, unit: number): number {
  return Math.max(0, Math.round(Math.log(entries / unit) / Math.log(FAN)));
}

function isOld(ends: Ends, { earliest, detachedFrom }: Horizon): boolean {
  return [...ends].every(([end, offset]) => offset < (end === DETACHED ? detachedFrom : (earliest.get(end) ?? 0)));
}

function grown(words: EntryWords): EntryWords {
  const larger: EntryWords = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}
