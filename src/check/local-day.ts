import { WEEKDAYS, type Weekday } from '@transaction-guardian/contracts/weekday.ts';
import type { WallClock } from './time-zone.ts';

const DAY_MS = 86_400_000;
const SLOT_MS = 900_000;
/** No clock change skips more than a day. */
const SLOTS_MOST = 100;

/** The instant of a wall-clock time, which is given as if it were UTC milliseconds; of one that is skipped the end of the gap, of
 *  one that is repeated the first. */
export function instantOf(clock: WallClock, localMs: number): number {
  const exact = localMs - clock(localMs).first;
  if (!Number.isNaN(exact)) return exact;
  for (let slot = Math.floor(localMs / SLOT_MS) + 1, tries = 0; tries < SLOTS_MOST; slot += 1, tries += 1) {
    const at = slot * SLOT_MS - clock(slot * SLOT_MS).first;
    if (!Number.isNaN(at)) return at;
  }
  return localMs;
}

/** A local date (`2026-11-28`) as UTC milliseconds of its midnight. */
export const dayOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** Of the days of ISO 8601; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day / DAY_MS + 3) % 7) + 7) % 7] ?? 'mon';

/** Minutes since midnight of a time of day (`08:30`). */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
