const MISSING = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '-']);
const DATE = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

const DAY_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/;
/** A time of day alone, also as Brazilians write it: 13:45, 13:45:10, 13h 45, 13h45. */
const CLOCK = /^(\d{1,2})(?::|h ?)(\d{2})(?::(\d{2}))?$/i;
/** Day of times that name none: a Monday before any payment that a file could have. */
const SOME_DAY = '1970-01-05';
const NO_TIME: FileTime = { ms: Number.NaN, isLocal: false };

/** A number of a file: NaN where it is missing (empty, nan, null ...), null when the text is none. `hasDecimalComma`: a
 *  comma is the decimal sign and points may stand between thousands (`1.234,5`). */
export function readNumber(text: string, hasDecimalComma: boolean): number | null {
  const plain = hasDecimalComma && text.includes(',') ? text.replaceAll('.', '').replace(',', '.') : text;
  // `Number` takes an empty text for zero.
  const value = plain === '' ? Number.NaN : Number(plain);
  if (Number.isFinite(value)) return value;
  return MISSING.has(text.toLowerCase()) ? Number.NaN : null;
}

/** A time of a file. `isLocal`: it had no zone, `ms` is its wall-clock time as if it were UTC. `ms` is NaN for what is no
 *  time. */
export interface FileTime {
  readonly ms: number;
  readonly isLocal: boolean;
}

/** Reads a date with or without time of day, fraction and offset, or Unix seconds, milliseconds, microseconds or
 *  nanoseconds; refuses a day that does not exist. `isDayFirst`: `31/12/2025` is a date too. Times without a date are of
 *  one day. */
export function readTime(text: string, isDayFirst: boolean): FileTime {
  if (/^\d{9,19}(\.\d+)?$/.test(text)) {
    const digits = text.split('.')[0]?.length ?? 0;
    return { ms: Number(text) * (digits <= 11 ? 1000 : digits <= 14 ? 1 : digits <= 17 ? 1e-3 : 1e-6), isLocal: false };
  }
  const dated = text.replace(CLOCK, (_, hour: string, minute: string, second = '00') => `${SOME_DAY} ${hour}:${minute}:${second}`);
  const match = DATE.exec(isDayFirst ? dated.replace(DAY_FIRST, '$3-$2-$1') : dated);
  if (match === null) return NO_TIME;
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isReal = new Date(date).getUTCDate() === Number(day) && Number(month) <= 12 && Number(hour) < 24 && Number(minute) < 60;
  if (!isReal) return NO_TIME;
  const utc = date + (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second.replace(',', '.')) * 1000;
  return { ms: utc - offsetMs(zone ?? 'Z'), isLocal: zone === undefined };
}

function offsetMs(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const [sign, hours, minutes] = [zone.startsWith('-') ? -1 : 1, Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  return sign * (hours * 60 + minutes) * 60_000;
}

/** A time as it is written: in UTC, the time of day alone for what `readTime` read without a date. */
export function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
  return text.startsWith(SOME_DAY) ? text.slice(11).replace(/:00$/, '') : text;
}
