import { ENTRY_WORDS, offsetAt, partitionAt, STATE, stateAt, type EntryWords } from './entry.ts';
import { addToFilter, createIdFilter, mayHave } from './filter.ts';

/** Entries of a page: two pages fill one of SQLite. */
export const PAGE_ENTRIES = 168;

/** Highest offset of each partition in a run, and under `DETACHED` the newest minute: a run is old when all of them are. */
export type Ends = Map<number, number>;
export const DETACHED = -1;

/** Entries sorted by key, in pages. `firsts`: high half of the first key of each page. */
export interface Run {
  /** Grows with age: of two runs with one key, the one with the higher id counts. */
  readonly id: number;
  readonly entries: number;
  readonly firsts: EntryWords;
  readonly filter: EntryWords;
  readonly ends: Ends;
}

/** Collects sorted entries into a run. */
export interface RunBuilder {
  /** Copies the entry that begins at `at`. */
  add(words: EntryWords, at: number): void;
  finish(): Run;
}

/** Begins a run with at most `most` entries. `keep` is called with each page. */
export function buildRun(id: number, most: number, keep: (page: number, words: EntryWords) => void): RunBuilder {
  const filter = createIdFilter(most);
  const firsts: number[] = [];
  const ends: Ends = new Map();
  const page: EntryWords = new Uint32Array(PAGE_ENTRIES * ENTRY_WORDS);
  let used = 0;
  let entries = 0;

  function close(): void {
    if (used === 0) return;
    keep(firsts.length, page.subarray(0, used));
    firsts.push(page[0] ?? 0);
    used = 0;
  }

  return {
    add(words, at) {
      for (let index = 0; index < ENTRY_WORDS; index += 1) page[used + index] = words[at + index] ?? 0;
      used += ENTRY_WORDS;
      entries += 1;
      addToFilter(filter, words[at] ?? 0, words[at + 1] ?? 0);
      const end = stateAt(words, at) === STATE.detached ? DETACHED : partitionAt(words, at);
      const offset = offsetAt(words, at);
      if (offset > (ends.get(end) ?? -1)) ends.set(end, offset);
      if (used === page.length) close();
    },
    finish() {
      close();
      return { id, entries, firsts: Uint32Array.from(firsts), filter, ends };
    },
  };
}

/** Looks for a key in a run, and copies its entry into `into`. `load`: reads a page. */
export function findInRun(run: Run, key: EntryWords, into: EntryWords, load: (run: Run, page: number) => EntryWords): boolean {
  const [high = 0, low = 0] = key;
  if (!mayHave(run.filter, high, low)) return false;
  for (let page = firstPageOf(run.firsts, high); page < run.firsts.length && (run.firsts[page] ?? 0) <= high; page += 1) {
    const words = load(run, page);
    const at = placeIn(words, high, low);
    if (at < 0) continue;
    for (let index = 0; index < ENTRY_WORDS; index += 1) into[index] = words[at + index] ?? 0;
    return true;
  }
  return false;
}

/** The last page that begins before `high`: a key with it may be there, or on the pages that begin with it. */
function firstPageOf(firsts: EntryWords, high: number): number {
  let low = 0;
  let end = firsts.length;
  while (low < end) {
    const middle = (low + end) >>> 1;
    if ((firsts[middle] ?? 0) < high) low = middle + 1;
    else end = middle;
  }
  return Math.max(0, low - 1);
}

function placeIn(words: EntryWords, high: number, low: number): number {
  let from = 0;
  let end = words.length / ENTRY_WORDS;
  while (from < end) {
    const middle = (from + end) >>> 1;
    const at = middle * ENTRY_WORDS;
    const isBefore = words[at] === high ? (words[at + 1] ?? 0) < low : (words[at] ?? 0) < high;
    if (isBefore) from = middle + 1;
    else end = middle;
  }
  const at = from * ENTRY_WORDS;
  return words[at] === high && words[at + 1] === low ? at : -1;
}
