import type { Locale } from '@transaction-guardian/contracts/text/text.ts';

const MINUTE_MS = 60_000;
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
] as const;

/** "há 3 dias", "3 days ago"; of less than a minute "há 0 minuto" would be odd, so at least one. What is still to come says so: "em 5
 *  minutos", and "agora" within the minute by which clocks may differ. */
export function agoText(locale: Locale, ms: number): string {
  if (ms < 0 && ms > -MINUTE_MS) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'second');
  const length = Math.max(MINUTE_MS, Math.abs(ms));
  const [unit, size] = UNITS.find(([, least]) => length >= least) ?? UNITS[2];
  const amount = Math.floor(length / size);
  return new Intl.RelativeTimeFormat(locale).format(ms < 0 ? amount : -amount, unit);
}

/** A length of time: `12min`, `2h05`, `3d 4h`. */
export function lengthText(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  if (whole < 60) return `${whole}min`;
  if (whole < 1440) return whole % 60 === 0 ? `${whole / 60}h` : `${Math.floor(whole / 60)}h${String(whole % 60).padStart(2, '0')}`;
  const hours = Math.floor((whole % 1440) / 60);
  return hours === 0 ? `${Math.floor(whole / 1440)}d` : `${Math.floor(whole / 1440)}d ${hours}h`;
}

/** A number in the language of the reader. */
export function numberText(locale: Locale, value: number, digits = 0): string {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** At most `most` values, each the mean of neighbours; null where none of them is known. */
export function thinned(values: readonly (number | null)[], most: number): (number | null)[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, at) => {
    const part = values.slice(Math.floor((at * values.length) / most), Math.floor(((at + 1) * values.length) / most));
    const known = part.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}
