import { hash } from 'node:crypto';

const FIRST_SLOTS = 1 << 12;

/** Gives each row of a file the id that it will have again when the file is read again. */
export interface RowIds {
  /** `content`: the row in one canonical text. The n-th row with the same content gets the n-th id of that content. */
  next(content: string): string;
}

/** Makes the ids of one file. `source` is part of them, so that two sources may have equal rows. Exact for up to `maxRows`
 *  different rows (24 bytes each at most); beyond it equal rows that lie further apart than that count as one. */
export function createRowIds(source: string, maxRows = 4_000_000): RowIds {
  let young = createTally();
  let old = createTally();
  return {
    next(content) {
      const hex = hash('sha256', `${source}\u001f${content}`, 'hex');
      const high = Number.parseInt(hex.slice(0, 8), 16);
      const low = Number.parseInt(hex.slice(8, 16), 16);
      if (young.size >= maxRows) [old, young] = [young, createTally()];
      const before = Math.max(young.get(high, low), old.size > 0 ? old.get(high, low) : 0);
      young.set(high, low, before + 1);
      return `csv-${hex.slice(0, 8)}r${hex.slice(8, 16)}-${before}`;
    },
  };
}

interface Tally {
  get(high: number, low: number): number;
  set(high: number, low: number, count: number): void;
  readonly size: number;
}

/** Counts by 64-bit key: open addressing, three unsigned words a slot, at most half full. */
function createTally(): Tally {
  let slots = FIRST_SLOTS;
  let words = new Uint32Array(slots * 3);
  let size = 0;

  function slotOf(table: Uint32Array, tableSlots: number, high: number, low: number): number {
    let slot = (high ^ low) & (tableSlots - 1);
    while (table[slot * 3 + 2] !== 0 && (table[slot * 3] !== high || table[slot * 3 + 1] !== low)) slot = (slot + 1) & (tableSlots - 1);
    return slot * 3;
  }

  function grow(): void {
    const larger = new Uint32Array(slots * 6);
    for (let at = 0; at < words.length; at += 3) {
      if (words[at + 2] === 0) continue;
      larger.set(words.subarray(at, at + 3), slotOf(larger, slots * 2, words[at] ?? 0, words[at + 1] ?? 0));
    }
    [words, slots] = [larger, slots * 2];
  }

  return {
    get: (high, low) => words[slotOf(words, slots, high, low) + 2] ?? 0,
    set(high, low, count) {
      if (size * 2 >= slots) grow();
      const at = slotOf(words, slots, high, low);
      if (words[at + 2] === 0) size++;
      words[at] = high;
      words[at + 1] = low;
      words[at + 2] = count;
    },
    get size() {
      return size;
    },
  };
}
