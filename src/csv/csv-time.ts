import { SOME_DAY } from '../check/file-time.ts';

const DATE =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?(?:\s*([ap])m)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/** A date as most of the world or as the United States write it. */
const SLASHED = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/;
/** A time of day alone, also as Brazilians write it: 13:45, 13:45:10, 1:45 PM, 13h 45, 13h45, 13h. */
const CLOCK = /^(\d{1,2})(?:(?::|h ?)(\d{2})(?::(\d{2}))?(\s*[ap]m)?|h)$/i;
const NO_TIME: FileTime = { ms: Number.NaN, isLocal: false };

/** A time of a file. `isLocal`: it had no zone, `ms` is its wall-clock time as if it were UTC. `ms` is NaN for what is no
 *  time. */
export interface FileTime {
  readonly ms: number;
  readonly isLocal: boolean;
}

/** What comes first in a date with slashes. */
export type DateOrder = 'day' | 'month';

/** Reads a date with or without time of day, fraction and offset, or Unix seconds, milliseconds, microseconds or
 *  nanoseconds; refuses a day that does not exist. `order`: of dates like `31/12/2025`; null refuses them. Times without a
 *  date are of one day. */
export function readTime(text: string, order: DateOrder | null): FileTime {
  if (/^\d{9,19}(\.\d+)?$/.test(text)) {
    const digits = text.split('.')[0]?.length ?? 0;
    return { ms: Number(text) * (digits <= 11 ? 1000 : digits <= 14 ? 1 : digits <= 17 ? 1e-3 : 1e-6), isLocal: false };
  }
  const dated = isClock(text) ? joinTime(SOME_DAY, text) : text;
  const match = DATE.exec(order === null ? dated : dated.replace(SLASHED, order === 'day' ? '$3-$2-$1' : '$3-$1-$2'));
  if (match === null) return NO_TIME;
  const [, year, month, day, hour = '0', minute = '0', second = '0', half, zone] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const hours = half === undefined ? Number(hour) : hourOf(Number(hour), half);
  const isReal = new Date(date).getUTCDate() === Number(day) && Number(month) <= 12 && hours < 24 && Number(minute) < 60;
  if (!isReal) return NO_TIME;
  const utc = date + (hours * 60 + Number(minute)) * 60_000 + Number(second.replace(',', '.')) * 1000;
  return { ms: utc - offsetMs(zone ?? 'Z'), isLocal: zone === undefined };
}

/** Hour of the day of an hour on a clock of twelve; NaN for one that such a clock does not have. */
function hourOf(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** True for a time of day without a date. */
export function isClock(text: string): boolean {
  return CLOCK.test(text);
}

/** A date and a time of day of two columns as one text that `readTime` reads. */
export function joinTime(date: string, clock: string): string {
  const time = clock.replace(CLOCK, (_, hour: string, minute = '00', second = '00', half = '') => `${hour}:${minute}:${second}${half}`);
  return `${date} ${time}`;
}

/** The order that a date with slashes can only have; null where it can have both; 'day' for other times. */
export function orderOf(text: string): DateOrder | null {
  const [, first, second] = SLASHED.exec(text) ?? [];
  if (first === undefined || Number(first) > 12) return 'day';
  return Number(second) > 12 ? 'month' : null;
}

/** The order that puts dates which can have both closest together; for those of one day, the one that goes with their clock. */
export function likelyOrder(texts: readonly string[]): DateOrder {
  const spanOf = (order: DateOrder): number => {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const text of texts) {
      const { ms } = readTime(text, order);
      if (ms < first) first = ms;
      if (ms > last) last = ms;
    }
    return last - first;
  };
  const [byDay, byMonth] = [spanOf('day'), spanOf('month')];
  if (byDay === byMonth) return /[ap]m$/i.test(texts[0] ?? '') ? 'month' : 'day';
  return byDay < byMonth ? 'day' : 'month';
}

function offsetMs(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const [sign, hours, minutes] = [zone.startsWith('-') ? -1 : 1, Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  return sign * (hours * 60 + minutes) * 60_000;
}

/** A time that `parseTimestamp` reads needs no other reading. */
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/;
const DAY_ONLY = /^\d{1,4}[-/]\d{1,2}[-/]\d{1,4}$/;

/** A time of a file as ISO 8601, without a zone where it had none; undefined for what is no time. A day without a time of day
 *  is its midnight where `takesDays`, else no time. */
export function isoTime(text: string, order: DateOrder | null, takesDays: boolean): string | undefined {
  if (ISO.test(text)) return text;
  if (DAY_ONLY.test(text) && !takesDays) return undefined;
  const time = readTime(text, order);
  return Number.isNaN(time.ms) || Math.abs(time.ms) > 8.64e15 ? undefined : textOfTime(time);
}

/** A time as ISO 8601, without a zone where it has none. */
export function textOfTime({ ms, isLocal }: FileTime): string {
  const iso = new Date(ms).toISOString().replace('.000Z', 'Z');
  return isLocal ? iso.slice(0, -1).replace('T', ' ') : iso;
}

/** True for a time in any order of day and month. */
export function isAnyTime(text: string): boolean {
  return (['day', 'month'] as const).some((order) => !Number.isNaN(readTime(text, order).ms));
}
