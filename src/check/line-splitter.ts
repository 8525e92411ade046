import type { Piece } from './stream-item.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NOTHING = Buffer.alloc(0);

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** Lines that this chunk completes. */
  push(chunk: Buffer): Piece[];
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

  return {
    push(chunk) {
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
