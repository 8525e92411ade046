/** Source of time. Passed in everywhere, so that tests and replays decide what "now" is. */
export interface Clock {
  /** Wall clock, epoch milliseconds. May jump. */
  now(): number;
  /** Milliseconds that never go back, for durations and deadlines. */
  monotonic(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export const MINUTE_MS = 60_000;

/** Start of the minute that holds `timeMs` (epoch milliseconds; works before 1970 too). */
export function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}
