/** Day of times that name none: a Monday before any payment that a file could have. */
export const SOME_DAY = '1970-01-05';

/** A time as a file shows it: `2025-07-12 13:45:00`, the time of day alone on the day of times that name none. */
export function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
  return text.startsWith(SOME_DAY) ? text.slice(11).replace(/:00$/, '') : text;
}
