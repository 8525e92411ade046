/** Source of time. Passed in everywhere, so that tests and replays decide what "now" is. */
export interface Clock {
  /** Wall clock, whole epoch milliseconds. May jump. */
  now(): number;
  /** Milliseconds that never go back, with a fraction, for durations and deadlines. No time of it is stored: a time made
   *  with it is rounded by `wholeMs` first, since the database and the log take whole milliseconds only. */
  monotonic(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A time as it is stored and published: the nearest millisecond. */
export function wholeMs(ms: number): number {
  return Math.round(ms);
}

/** A setting in seconds as whole milliseconds; 2.3 * 1000 is not one. */
export function secondsToMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

export const MINUTE_MS = 60_000;

/** Start of the minute that holds `timeMs` (epoch milliseconds; works before 1970 too). */
export function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}
