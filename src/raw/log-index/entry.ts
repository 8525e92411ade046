import { hash } from 'node:crypto';

/** An entry of the index, six words: 0 and 1 the hash of an id, 2 and 3 the content hash, 4 and the low half of 5 an offset of the
 *  log; the upper half of 5 says the partition and what the entry stands for. Sorted by words 0 and 1. */
export const ENTRY_WORDS = 6;

/** What an entry stands for. */
export const STATE = {
  /** The record at this place is the first with its id: it is counted, or about to be. */
  first: 0,
  /** The id was counted before this log had it; the record at this place is a repeat that can be read. */
  repeat: 1,
  /** The id was counted and its record is on no log. In place of the offset: the minute since the epoch from which it ages. */
  detached: 2,
  /** The record at this place was given up: its id is free. */
  forgotten: 3,
} as const;
export type EntryState = (typeof STATE)[keyof typeof STATE];

/** Largest offset that an entry holds. */
export const MAX_OFFSET = 2 ** 48 - 1;
const HIGH_OFFSET = 2 ** 32;
const PARTITION_SHIFT = 16;
const PARTITION_MASK = 0x3ff;
const STATE_SHIFT = 26;
/** No entry has all of its last word zero, so that a slot in memory without one can be recognised. */
const TAKEN = 1 << 28;

/** Words of an entry, in an array of its own or of many. */
export type EntryWords = Uint32Array<ArrayBuffer>;

/** An empty entry to work with. */
export function createEntry(): EntryWords {
  return new Uint32Array(ENTRY_WORDS);
}

/** Writes the hash of an id: the first 64 bits of its SHA-256, which nobody can aim at another id. */
export function writeKey(entry: EntryWords, id: string): void {
  const digest = hash('sha256', id, 'binary');
  entry[0] = word(digest, 0);
  entry[1] = word(digest, 4);
}

/** Writes a content hash of 16 hex characters; one of another form is hashed itself. */
export function writeContent(entry: EntryWords, content: string): void {
  const high = hexWord(content, 0);
  const low = hexWord(content, 8);
  if (content.length === 16 && high !== NO_HEX && low !== NO_HEX) {
    entry[2] = high;
    entry[3] = low;
    return;
  }
  const digest = hash('sha256', content, 'binary');
  entry[2] = word(digest, 0);
  entry[3] = word(digest, 4);
}

/** The content hash as 16 hex characters. */
export function contentOf(entry: EntryWords): string {
  return hex(entry[2]) + hex(entry[3]);
}

/** Writes where the record is, or for `detached` the minute, and what the entry stands for. */
export function writePlace(
  entry: EntryWords,
  place: { readonly partition: number; readonly offset: number; readonly state: EntryState },
): void {
  entry[4] = place.offset % HIGH_OFFSET;
  entry[5] = Math.floor(place.offset / HIGH_OFFSET) | (place.partition << PARTITION_SHIFT) | (place.state << STATE_SHIFT) | TAKEN;
}

/** Offset, or the minute of a detached entry, of the entry that begins at `at`. */
export function offsetAt(words: EntryWords, at = 0): number {
  return (words[at + 4] ?? 0) + ((words[at + 5] ?? 0) & 0xffff) * HIGH_OFFSET;
}

export function partitionAt(words: EntryWords, at = 0): number {
  return ((words[at + 5] ?? 0) >>> PARTITION_SHIFT) & PARTITION_MASK;
}

export function stateAt(words: EntryWords, at = 0): EntryState {
  return (((words[at + 5] ?? 0) >>> STATE_SHIFT) & 3) as EntryState;
}

/** True where there is an entry at `at`. */
export function isTaken(words: EntryWords, at: number): boolean {
  return words[at + 5] !== 0;
}

function word(digest: string, at: number): number {
  return (
    (digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8) | (digest.charCodeAt(at + 2) << 16) | (digest.charCodeAt(at + 3) << 24)) >>> 0
  );
}

const NO_HEX = -1;
const NIBBLES = new Uint8Array(128).fill(16);
for (let value = 0; value < 16; value += 1) NIBBLES[value.toString(16).charCodeAt(0)] = value;

/** The number that eight hex characters write; NO_HEX when they are something else. */
function hexWord(text: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at += 1) {
    const nibble = NIBBLES[text.charCodeAt(at)] ?? 16;
    if (nibble === 16) return NO_HEX;
    value = (value << 4) | nibble;
  }
  return value >>> 0;
}

function hex(value = 0): string {
  return value.toString(16).padStart(8, '0');
}
