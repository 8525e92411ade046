import { MINUTE_MS } from '../clock.ts';
import type { StreamItem } from '../check/stream-item.ts';
import { readTime, textOfTime, type FileTime } from './csv-time.ts';

type Broken = Extract<StreamItem, { readonly kind: 'broken' }>;

/** Rows that wait at most for one with a time: a column of times that cannot be read is no gap in a file. */
const MOST_WAITING = 10_000;

/** Gives rows of counts whose time cannot be read a minute between the rows before and after them, by the rows that those minutes have:
 *  what is known of these minutes is not all, which is no silence of the source. Rows keep their order. */
export interface UnplacedRows {
  /** What can go on by now: rows without a time wait for the next one that has one. */
  take(items: readonly StreamItem[]): StreamItem[];
  end(): StreamItem[];
}

export function createUnplacedRows(): UnplacedRows {
  let last: FileTime | null = null;
  /** Rows of the minute of `last`, and of the minute before. */
  let own = 0;
  let usual = 0;
  let waiting: Broken[] = [];

  function place(next: FileTime): StreamItem[] {
    const rows = waiting;
    waiting = [];
    const minutes = last === null || last.isLocal !== next.isLocal ? [] : minutesOf({ last, next, own, usual, rows: rows.length });
    return rows.map((row, place) => {
      const ms = minutes[place];
      return ms === undefined ? row : { ...row, timestamp: textOfTime({ ms, isLocal: next.isLocal }) };
    });
  }

  function see(time: FileTime, into: StreamItem[]): void {
    if (waiting.length > 0) into.push(...place(time));
    if (last === null || minuteOf(time) !== minuteOf(last)) {
      usual = own;
      own = 0;
    }
    own += 1;
    last = time;
  }

  return {
    take(items) {
      const ready: StreamItem[] = [];
      for (const item of items) {
        const time = timeOf(item);
        if (time !== null) see(time, ready);
        else if (item.kind === 'broken' && waiting.length < MOST_WAITING) {
          waiting.push(item);
          continue;
        }
        ready.push(item);
      }
      return ready;
    },
    end() {
      return waiting.splice(0);
    },
  };
}

interface Gap {
  readonly last: FileTime;
  readonly next: FileTime;
  /** Rows of the minute of `last`, and rows that a minute usually has. */
  readonly own: number;
  readonly usual: number;
  readonly rows: number;
}

/** A minute for each row of a gap: the last minute is filled, then those that are missing, then the next one. None where more minutes
 *  are missing than rows: then the source itself left some out. */
function minutesOf({ last, next, own, usual, rows }: Gap): readonly number[] {
  const [first, end] = [minuteOf(last), minuteOf(next)];
  const missing = Math.max(0, Math.abs(end - first) - 1);
  if (missing > rows) return [];
  const step = Math.sign(end - first);
  const toFill = step === 0 ? rows : Math.min(rows - missing, Math.max(0, usual - own));
  const each = missing === 0 ? 1 : Math.min(Math.max(1, usual), (rows - toFill) / missing);
  return Array.from({ length: rows }, (_, row) => {
    if (row < toFill) return first * MINUTE_MS;
    return (first + step * Math.min(missing + 1, 1 + Math.floor((row - toFill) / each))) * MINUTE_MS;
  });
}

const minuteOf = ({ ms }: FileTime): number => Math.floor(ms / MINUTE_MS);

function timeOf(item: StreamItem): FileTime | null {
  const { timestamp } = item.kind === 'broken' ? item : (item.value as { readonly timestamp?: unknown });
  if (typeof timestamp !== 'string') return null;
  const time = readTime(timestamp, null);
  return Number.isNaN(time.ms) ? null : time;
}
