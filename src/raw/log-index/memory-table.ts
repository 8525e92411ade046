import { createEntry, ENTRY_WORDS, isTaken, type EntryWords } from './entry.ts';

/** Entries that are not in a run yet, by key; the last one written counts. */
export interface MemoryTable {
  readonly size: number;
  put(entry: EntryWords): void;
  /** Copies the entry of a key into `into`; false when there is none. */
  find(key: EntryWords, into: EntryWords): boolean;
  /** All entries, sorted by key. */
  sorted(): EntryWords;
  clear(): void;
}

/** Creates a hash table with open addressing in one array: objects in a Map take ten times the memory. `capacity`: entries that it
 *  must take, a power of two. */
export function createMemoryTable(capacity: number): MemoryTable {
  const slots = capacity * 2;
  const words: EntryWords = new Uint32Array(slots * ENTRY_WORDS);
  let size = 0;

  /** Place of a key, or the free place where it belongs. */
  function placeOf(high: number, low: number): number {
    let slot = (high ^ low) & (slots - 1);
    for (;;) {
      const at = slot * ENTRY_WORDS;
      if (!isTaken(words, at) || (words[at] === high && words[at + 1] === low)) return at;
      slot = (slot + 1) & (slots - 1);
    }
  }

  return {
    get size() {
      return size;
    },
    put(entry) {
      const at = placeOf(entry[0] ?? 0, entry[1] ?? 0);
      if (!isTaken(words, at)) size += 1;
      words.set(entry, at);
    },
    find(key, into) {
      const at = placeOf(key[0] ?? 0, key[1] ?? 0);
      if (!isTaken(words, at)) return false;
      for (let index = 0; index < ENTRY_WORDS; index += 1) into[index] = words[at + index] ?? 0;
      return true;
    },
    sorted: () => sortEntries(words, slots, size),
    clear() {
      words.fill(0);
      size = 0;
    },
  };
}

function sortEntries(words: EntryWords, slots: number, size: number): EntryWords {
  // The high half of the key and the slot fit into one number, which the engine sorts by itself.
  const order = new Float64Array(size);
  let found = 0;
  for (let slot = 0; slot < slots; slot += 1) {
    const at = slot * ENTRY_WORDS;
    if (isTaken(words, at)) order[found++] = (words[at] ?? 0) * slots + slot;
  }
  order.sort();
  const sorted: EntryWords = new Uint32Array(size * ENTRY_WORDS);
  for (let index = 0; index < size; index += 1) {
    const at = ((order[index] ?? 0) % slots) * ENTRY_WORDS;
    sorted.set(words.subarray(at, at + ENTRY_WORDS), index * ENTRY_WORDS);
  }
  orderEqualHighs(sorted);
  return sorted;
}

/** Puts the few neighbours with one high half into the order of their low halves. */
function orderEqualHighs(sorted: EntryWords): void {
  const swap = createEntry();
  for (let at = ENTRY_WORDS; at < sorted.length; at += ENTRY_WORDS) {
    for (let here = at; here > 0; here -= ENTRY_WORDS) {
      const before = here - ENTRY_WORDS;
      if (sorted[before] !== sorted[here] || (sorted[before + 1] ?? 0) <= (sorted[here + 1] ?? 0)) break;
      swap.set(sorted.subarray(before, here));
      sorted.copyWithin(before, here, here + ENTRY_WORDS);
      sorted.set(swap, here);
    }
  }
}
