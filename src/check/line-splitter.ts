import { isAscii } from 'node:buffer';
import type { Piece } from './stream-item.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const BLANK = /^[ \t\r]*$/;
const NOTHING = Buffer.alloc(0);

/** A line as text. */
export interface TextPiece {
  readonly at: number;
  readonly text: string;
}

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** Lines that this chunk completes. */
  push(chunk: Buffer): Piece[];
  /** The same lines; where a chunk is ASCII, those within it come as texts, which costs less than a view of bytes and its text for each. */
  pushText(chunk: Buffer): (Piece | TextPiece)[];
  /** The last line, when it has no line feed. */
  end(): Piece[];
}

/** Cuts at line feeds (a carriage return before one is dropped), counts lines from 1, skips blank ones and a byte order
 *  mark. A line longer than
 *  `maxBytes` comes as null and is never kept in memory. */
export function createLineSplitter(maxBytes: number): LineSplitter {
  let rest: Buffer = NOTHING;
  let tooLong = false;
  let line = 1;

  function take(whole: Buffer, pieces: Piece[]): void {
    const at = line++;
    const bytes = at === 1 && whole.indexOf(BOM) === 0 ? whole.subarray(BOM.length) : whole;
    if (tooLong || bytes.length > maxBytes) pieces.push({ at, bytes: null });
    else if (!isBlank(bytes)) pieces.push({ at, bytes: bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes });
    tooLong = false;
  }

  function push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      const part = chunk.subarray(from, end);
      take(rest.length === 0 ? part : Buffer.concat([rest, part]), pieces);
      rest = NOTHING;
      from = end + 1;
    }
    const left = chunk.subarray(from);
    if (tooLong || rest.length + left.length > maxBytes + 1) [tooLong, rest] = [true, NOTHING];
    else if (left.length > 0) rest = Buffer.concat([rest, left]);
    return pieces;
  }

  function takeText(text: string, pieces: (Piece | TextPiece)[]): void {
    const at = line++;
    if (text.length > maxBytes) pieces.push({ at, bytes: null });
    else if (!BLANK.test(text)) pieces.push({ at, text });
  }

  return {
    push,
    pushText(chunk) {
      const first = chunk.indexOf(LINE_FEED) + 1;
      const last = chunk.lastIndexOf(LINE_FEED) + 1;
      if (first === last || !isAscii(chunk)) return push(chunk);
      // The first line may have begun in the chunk before, and the last one ends in the next.
      const pieces: (Piece | TextPiece)[] = push(chunk.subarray(0, first));
      const text = chunk.toString('latin1', first, last);
      let from = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        takeText(text.slice(from, end), pieces);
        from = end + 1;
      }
      return pieces.concat(push(chunk.subarray(last)));
    },
    end() {
      const pieces: Piece[] = [];
      if (tooLong || rest.length > 0) take(rest, pieces);
      rest = NOTHING;
      return pieces;
    },
  };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== CARRIAGE_RETURN) return false;
  return true;
}
