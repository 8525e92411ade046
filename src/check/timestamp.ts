import { MINUTE_MS } from '../clock.ts';

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const MS_DIGITS = 3;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Instant (epoch milliseconds) of a local wall-clock time, given as if it were UTC milliseconds; NaN where it has none. */
export type LocalTime = (localMs: number) => number;

/** Reads an ISO 8601 date and time: `2025-07-12T13:45:00Z`, with an offset (`-03:00`), with a fraction of a second
 *  (`.123`, cut to milliseconds), with a space for the `T`, without seconds. Without a zone it is read by `local`.
 *  Returns epoch milliseconds, NaN for anything else (also for a day or hour that does not exist). */
export function parseTimestamp(text: string, local: LocalTime): number {
  const length = text.length;
  if (length < 16 || length > 35) return Number.NaN;
  const middle = text.charCodeAt(10);
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || (middle !== 84 && middle !== 32))
    return Number.NaN;
  const day = dayNumber(digits2(text, 0) * 100 + digits2(text, 2), digits2(text, 5), digits2(text, 8));
  const hour = digits2(text, 11);
  const minute = digits2(text, 14);
  if (!(hour < 24 && minute < 60)) return Number.NaN;
  let at = 16;
  let ms = 0;
  if (text.charCodeAt(16) === 58) {
    const second = digits2(text, 17);
    if (!(second < 60)) return Number.NaN;
    ms = second * 1000;
    at = 19;
    if (text.charCodeAt(19) === 46) {
      at = fractionEnd(text, 20);
      if (at === 20) return Number.NaN;
      for (let place = 0, unit = 100; place < MS_DIGITS && 20 + place < at; place += 1, unit /= 10)
        ms += (text.charCodeAt(20 + place) - 48) * unit;
    }
  }
  const localMs = day * 86_400_000 + hour * 3_600_000 + minute * MINUTE_MS + ms;
  // A day that does not exist is no local time, which a clock of a zone could be asked for.
  if (at === length) return Number.isNaN(localMs) ? Number.NaN : local(localMs);
  return localMs - zoneOffset(text, at);
}

function digits2(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const units = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
}

/** Days since 1970-01-01; NaN for a day that does not exist. */
function dayNumber(year: number, month: number, day: number): number {
  const monthLength = DAYS_IN_MONTH[month - 1];
  if (monthLength === undefined || Number.isNaN(year)) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (!(day >= 1 && day <= monthLength + (leap && month === 2 ? 1 : 0))) return Number.NaN;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  return (year - 1970) * 365 + leapDays + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + (leap && month > 2 ? 1 : 0) + day - 1;
}

function fractionEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < 9 && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

/** Milliseconds of the `Z`, `+hh:mm`, `+hhmm` or `+hh` that ends the text at `at`; NaN for anything else. */
function zoneOffset(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  const rest = text.length - at;
  if (sign === 90) return rest === 1 ? 0 : Number.NaN;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  const colon = text.charCodeAt(at + 3) === 58;
  if (rest !== (colon ? 6 : 5) && rest !== 3) return Number.NaN;
  const hour = digits2(text, at + 1);
  const minute = rest === 3 ? 0 : digits2(text, at + (colon ? 4 : 3));
  if (!(hour <= 18 && minute < 60)) return Number.NaN;
  return (sign === 45 ? -1 : 1) * (hour * 60 + minute) * MINUTE_MS;
}
