import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { text, type ConsoleTextKey } from '@transaction-guardian/contracts/text/console-text.ts';
import { momentText, type Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';

/** How long ago, in words: "12 s ago", "3 min ago". `ms`: a duration, below zero counts as none. */
export function formatAge(locale: Locale, ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 2) return text(locale, 'console.age.now');
  if (seconds < 100) return text(locale, 'console.age.seconds', { n: seconds });
  if (seconds < 100 * 60) return text(locale, 'console.age.minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return text(locale, 'console.age.hours', { n: Math.floor(seconds / 3600) });
  return text(locale, 'console.age.days', { n: Math.floor(seconds / 86_400) });
}

/** Length of an anomaly: "7 min", "1 h 20 min". */
export function formatMinutes(locale: Locale, minutes: number): string {
  if (minutes < 60) return text(locale, 'console.duration.minutes', { n: minutes });
  return text(locale, 'console.duration.hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** Uptime in the two largest units: "45 s", "4 min", "4h 12m", "3d 4h". */
export function formatUptime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

const numbers = new Map<string, Intl.NumberFormat>();

/** A number of the locale with a fixed number of decimals. */
export function formatNumber(locale: Locale, value: number, decimals = 0): string {
  const key = `${locale}${decimals}`;
  let format = numbers.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    numbers.set(key, format);
  }
  return format.format(value);
}

/** A count or an expectation: whole when large, one decimal below 20 when it has one. */
export function formatAmount(locale: Locale, value: number): string {
  return formatNumber(locale, value, value < 20 && !Number.isInteger(value) ? 1 : 0);
}

/** A number of an anomaly: a share as a percentage for the approval rate, else a count a minute. */
export function formatMeasure(locale: Locale, type: Anomaly['type'], value: number): string {
  return type === 'approval_rate_down' && value <= 1 ? `${formatNumber(locale, 100 * value, 1)}%` : formatAmount(locale, value);
}

/** A z-score with its sign: "+10,4", "-3,1". */
export function formatZ(locale: Locale, value: number): string {
  const size = formatNumber(locale, Math.abs(value), 1);
  return value > 0 ? `+${size}` : value < 0 ? `-${size}` : size;
}

const times = new Map<string, Intl.DateTimeFormat>();

function timeFormat(locale: Locale, timeZone: string, kind: keyof typeof TIME_KINDS): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${kind}`;
  let format = times.get(key);
  if (format === undefined) {
    const tag = locale === 'en' ? 'en-GB' : locale;
    format = new Intl.DateTimeFormat(tag, { ...TIME_KINDS[kind], hourCycle: 'h23', timeZone });
    times.set(key, format);
  }
  return format;
}

const TIME_KINDS = {
  minute: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  day: { day: '2-digit', month: '2-digit' },
  zone: { timeZoneName: 'short', hour: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Time of day in the zone: "17:09", with seconds when asked. */
export function formatTime(locale: Locale, timeZone: string, ms: number, kind: 'minute' | 'second' = 'minute'): string {
  return timeFormat(locale, timeZone, kind).format(ms);
}

/** Day in the zone: "12/07". */
export function formatDay(locale: Locale, timeZone: string, ms: number): string {
  return timeFormat(locale, timeZone, 'day').format(ms);
}

/** Time, with the day before it when it is not the day of `nowMs`, and with its year when that is another one: "12/07 17:09",
 *  "12/07/2025 17:09". */
export const formatMoment = (locale: Locale, timeZone: string, ms: number, nowMs: number): string =>
  momentText(locale, ms, { timeZone, nowMs }).replace(', ', ' ');

/** Short name of the zone at that time: "BRT", "GMT-3". */
export function formatZone(locale: Locale, timeZone: string, ms: number): string {
  return (
    timeFormat(locale, timeZone, 'zone')
      .formatToParts(ms)
      .find((part) => part.type === 'timeZoneName')?.value ?? timeZone
  );
}

const SLICE_FIELDS = [
  'status',
  'auth_code',
  'acquirer',
  'merchant_id',
  'payment_method',
  'card_bin',
] as const satisfies readonly (keyof Slice)[];

const LEAST_PROBABILITY = 1e-300;

/** A probability, also a tiny one: "0,031", "1,3E-25", and "<1E-300" of one that is too small for a number. */
export function formatProbability(locale: Locale, value: number): string {
  const options: Intl.NumberFormatOptions =
    value < 0.001 ? { notation: 'scientific', maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 };
  const text = new Intl.NumberFormat(locale, options).format(value === 0 ? LEAST_PROBABILITY : value);
  return value === 0 ? `<${text}` : text;
}

/** A slice in words: "negadas · código 51", or "all traffic". */
export function formatSlice(locale: Locale, slice: Slice): string {
  const parts = SLICE_FIELDS.flatMap((field) => {
    const value = slice[field];
    if (value === undefined) return [];
    const shown = field === 'status' ? text(locale, `transaction.status.${slice.status ?? 'processing'}`) : value;
    return [text(locale, `anomaly.slice.${field}`, { value: shown })];
  });
  return parts.length === 0 ? text(locale, 'anomaly.slice.fleet') : parts.join(' · ');
}

const IMPLIED_STATUS: Partial<Record<Anomaly['type'], Slice['status']>> = {
  denials_above_normal: 'denied',
  failures_above_normal: 'failed',
  reversals_above_normal: 'reversed',
  approval_rate_down: 'approved',
};

/** A slice in words beside the name of the anomaly type, without a status that the name already says. */
export function formatSliceOf(locale: Locale, type: Anomaly['type'], slice: Slice): string {
  const { status, ...others } = slice;
  return formatSlice(locale, status !== undefined && status === IMPLIED_STATUS[type] ? others : slice);
}

/** What an alert is about: its type, and the part of the traffic where it has one. */
export const formatAlert = (locale: Locale, { type, slice }: { readonly type: Anomaly['type']; readonly slice: Slice }): string =>
  SELF_TYPES.includes(type) ? formatType(locale, type) : `${formatType(locale, type)} · ${formatSliceOf(locale, type, slice)}`;

/** Name of an anomaly type, as operators say it. */
export function formatType(locale: Locale, type: Anomaly['type']): string {
  return text(locale, `anomaly.type.${type}` satisfies ConsoleTextKey);
}
