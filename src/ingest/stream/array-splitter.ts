import type { Piece } from '../../check/stream-item.ts';

const NOTHING = Buffer.alloc(0);
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];
const BOM = [0xef, 0xbb, 0xbf];

/** Where the text stops being a JSON array. `index`: number of whole items before it; `position`: byte from 0. */
export interface ArrayBreak {
  readonly index: number;
  readonly position: number;
  /** False when the text does not even begin like an array. */
  readonly isList: boolean;
}

/** Cuts the bytes of one JSON array into the bytes of its items, without keeping more than one item. */
export interface ArraySplitter {
  /** Items that this chunk completes. After a break every further byte is ignored. */
  push(chunk: Buffer): Piece[];
  /** Says that the body is over. */
  end(): void;
  /** Set once the text is not a JSON array any more, also when it ends too early. */
  readonly broken: ArrayBreak | null;
}

/* States: `start` before `[`; `first` an item or `]`; `item` an item; `inside` bytes of an item; `after` a comma or `]`;
 * `done` only blanks. Brackets are counted, not matched by kind: an item is parsed as JSON by the caller, and one that does
 * not parse is the break. */
type State = 'start' | 'first' | 'item' | 'inside' | 'after' | 'done';

/** Makes the splitter. An item longer than `maxBytes` comes as null and is never kept in memory. */
export function createArraySplitter(maxBytes: number): ArraySplitter {
  let state: State = 'start';
  let rest: Buffer = NOTHING;
  let tooLong = false;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let index = 0;
  let position = 0;
  let startedAt = 0;
  let broken: ArrayBreak | null = null;

  /** Index of the byte after the item that `chunk` continues at `from`, or -1 when the chunk ends inside of it. */
  function itemEnd(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (depth === 0) return at;
        if (--depth === 0) return at + 1;
      } else if (byte === COMMA && depth === 0) return at;
    }
    return -1;
  }

  function keep(part: Buffer): void {
    if (tooLong || rest.length + part.length > maxBytes) [tooLong, rest] = [true, NOTHING];
    else rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
  }

  function takeItem(): Piece {
    const piece = { at: index++, bytes: tooLong ? null : rest, position: startedAt };
    [rest, tooLong] = [NOTHING, false];
    return piece;
  }

  /** Handles a byte between items. Returns false when it does not belong there. */
  function between(byte: number | undefined): boolean {
    if (byte === 32 || byte === 10 || byte === 13 || byte === 9) return true;
    if (state === 'start' && (byte === OPEN_LIST || (position < 3 && byte === BOM[position]))) {
      if (byte === OPEN_LIST) state = 'first';
      return true;
    }
    if (byte === CLOSE_LIST && (state === 'first' || state === 'after')) {
      state = 'done';
      return true;
    }
    if (byte === COMMA && state === 'after') {
      state = 'item';
      return true;
    }
    return false;
  }

  function push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    const base = position;
    for (let at = 0; at < chunk.length && broken === null;) {
      position = base + at;
      const startsItem = (state === 'first' || state === 'item') && chunk[at] !== COMMA && chunk[at] !== CLOSE_LIST && !isBlank(chunk[at]);
      if (startsItem) [state, startedAt] = ['inside', position];
      if (state !== 'inside') {
        if (!between(chunk[at])) broken = { index, position, isList: state !== 'start' };
        at++;
        continue;
      }
      const end = itemEnd(chunk, at);
      keep(chunk.subarray(at, end === -1 ? chunk.length : end));
      if (end === -1) break;
      pieces.push(takeItem());
      state = 'after';
      at = end;
    }
    position = base + chunk.length;
    if (state === 'inside' && rest.length > 0) rest = Buffer.from(rest);
    return pieces;
  }

  return {
    push,
    end() {
      if (broken === null && state !== 'done') broken = { index, position, isList: state !== 'start' };
    },
    get broken() {
      return broken;
    },
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}
