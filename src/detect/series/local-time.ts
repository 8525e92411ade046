import { createZoneOffset } from '../../check/zone-offset.ts';
import { MINUTE_MS } from '../../clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const KEPT_HOURS = 1000;

export const SLOTS = 288;
export const DAY_TYPES = ['weekday', 'weekend', 'holiday'] as const;

/** Where a minute lies in the local week. `slot`: five-minute slot 0..287; `dayType`: index of `DAY_TYPES`. */
export interface LocalSlot {
  readonly slot: number;
  readonly dayType: number;
  /** Local day, counted from 1970-01-01. */
  readonly day: number;
  /** Part of the slot that has passed, 0..1. */
  readonly fraction: number;
}

/** Turns instants (epoch milliseconds) into slots of the local day; daylight saving is followed to the minute.
 *  `holidays`: local dates, `YYYY-MM-DD`. Throws RangeError for a zone that does not exist. */
export function createLocalSlots(timeZone: string, holidays: readonly string[]): (timeMs: number) => LocalSlot {
  const offsetAt = createZoneOffset(timeZone);
  const days = new Set(holidays.map((date) => Date.parse(`${date}T00:00Z`) / DAY_MS));
  let hour = Number.NaN;
  let offset = 0;
  // A forecast reads hours ahead again and again.
  const offsets = new Map<number, number>();
  return (timeMs) => {
    const start = Math.floor(timeMs / HOUR_MS) * HOUR_MS;
    if (start !== hour) {
      if (offsets.size > KEPT_HOURS) offsets.clear();
      hour = start;
      offset = offsets.get(start) ?? offsetOfHour(offsetAt, start);
      offsets.set(start, offset);
    }
    const local = timeMs + (Number.isNaN(offset) ? offsetAt(Math.floor(timeMs / MINUTE_MS) * MINUTE_MS) : offset);
    const day = Math.floor(local / DAY_MS);
    const inDay = local - day * DAY_MS;
    const slot = Math.floor(inDay / 300_000);
    const weekday = (((day + 4) % 7) + 7) % 7;
    const dayType = days.has(day) ? 2 : weekday === 0 || weekday === 6 ? 1 : 0;
    return { slot, dayType, day, fraction: (inDay - slot * 300_000) / 300_000 };
  };
}

/** Offset of a whole hour of UTC; NaN when the clocks change within it, as in some zones. */
function offsetOfHour(offsetAt: (utcMs: number) => number, start: number): number {
  const first = offsetAt(start);
  return first === offsetAt(start + HOUR_MS - MINUTE_MS) ? first : Number.NaN;
}
