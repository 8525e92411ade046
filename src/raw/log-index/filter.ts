import type { EntryWords } from './entry.ts';

const BLOCK_WORDS = 16;
const BITS_PER_ENTRY = 12;
const BLOCK_BITS = BLOCK_WORDS * 32;
const KEYS = 2 ** 32;
const GOLDEN = 0x9e3779b1;

/** A Bloom filter for so many entries, empty. Each key sets six bits of one block of 64 bytes, so that a question costs one look into
 *  memory (Putze, Sanders and Singler, "Cache-, hash- and space-efficient Bloom filters", 2009); of keys that are not there
 *  it lets 0.7 % pass. */
export function createIdFilter(entries: number): EntryWords {
  return new Uint32Array(Math.max(1, Math.ceil((entries * BITS_PER_ENTRY) / BLOCK_BITS)) * BLOCK_WORDS);
}

export function addToFilter(filter: EntryWords, high: number, low: number): void {
  const block = blockOf(filter, high);
  const mixed = Math.imul(low, GOLDEN) >>> 4;
  for (const bits of [low, mixed]) {
    set(filter, block, bits);
    set(filter, block, bits >>> 9);
    set(filter, block, bits >>> 18);
  }
}

/** False when the key is not there for certain. */
export function mayHave(filter: EntryWords, high: number, low: number): boolean {
  const block = blockOf(filter, high);
  if (!has(filter, block, low) || !has(filter, block, low >>> 9) || !has(filter, block, low >>> 18)) return false;
  const mixed = Math.imul(low, GOLDEN) >>> 4;
  return has(filter, block, mixed) && has(filter, block, mixed >>> 9) && has(filter, block, mixed >>> 18);
}

/** Blocks follow the order of the keys: what is sorted goes through them in order. */
function blockOf(filter: EntryWords, high: number): number {
  return Math.floor((high / KEYS) * (filter.length / BLOCK_WORDS)) * BLOCK_WORDS;
}

function set(filter: EntryWords, block: number, bits: number): void {
  const at = block + ((bits >>> 5) & 15);
  filter[at] = (filter[at] ?? 0) | (1 << (bits & 31));
}

function has(filter: EntryWords, block: number, bits: number): boolean {
  return ((filter[block + ((bits >>> 5) & 15)] ?? 0) & (1 << (bits & 31))) !== 0;
}
