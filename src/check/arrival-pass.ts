import type { WallClock } from './time-zone.ts';

/** A later arrival says nothing about which of two instants a sender meant. */
const LATEST_ARRIVAL_MS = 3 * 3_600_000;

/** Instant (epoch milliseconds) of a wall-clock time that came at `nowMs`. Of a time that a clock change repeats, the later
 *  instant that is not more than `maxFutureMs` ahead: at 01:30 of the second pass, `01:30` is of the second pass. NaN
 *  for a time that the clock change skips, and for a repeated one that came more than three hours after both passes. */
export function instantAtArrival(wall: WallClock, localMs: number, nowMs: number, maxFutureMs: number): number {
  const { first, second } = wall(localMs);
  if (first === second) return localMs - first;
  const later = localMs - second;
  if (later > nowMs + maxFutureMs) return localMs - first;
  return nowMs - later <= LATEST_ARRIVAL_MS ? later : Number.NaN;
}
