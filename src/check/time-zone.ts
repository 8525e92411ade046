import { createZoneOffset } from './zone-offset.ts';

/** Local time minus UTC, milliseconds, of the two instants that show one wall-clock time: the earlier instant is
 *  `localMs - first`. Both are the same but where a clock change repeats the time, and NaN where it skips it. */
export interface LocalOffsets {
  readonly first: number;
  readonly second: number;
}

/** Offsets of a wall-clock time, given as if it were UTC milliseconds. */
export type WallClock = (localMs: number) => LocalOffsets;

const SLOT_MS = 900_000;
const DAY_MS = 86_400_000;
const MAX_SLOTS = 20_000;
const SKIPPED: LocalOffsets = { first: Number.NaN, second: Number.NaN };

/** Reads the local time of instants of one IANA zone, as if it were UTC milliseconds. Throws RangeError for an unknown zone. */
export function localTimeIn(timeZone: string): (utcMs: number) => number {
  const offsetAt = createZoneOffset(timeZone);
  return (utcMs) => utcMs + offsetAt(utcMs);
}

/** Reads wall-clock times of one IANA zone. Throws RangeError for an unknown zone. */
export function createWallClock(timeZone: string): WallClock {
  const offsetAt = createZoneOffset(timeZone);
  const bySlot = new Map<number, LocalOffsets>();
  return (localMs) => {
    const slot = Math.floor(localMs / SLOT_MS);
    let offsets = bySlot.get(slot);
    if (offsets === undefined) {
      if (bySlot.size >= MAX_SLOTS) bySlot.clear();
      offsets = offsetsOf(offsetAt, slot * SLOT_MS);
      bySlot.set(slot, offsets);
    }
    return offsets;
  };
}

function offsetsOf(offsetAt: (utcMs: number) => number, localMs: number): LocalOffsets {
  const before = offsetAt(localMs - DAY_MS);
  const after = offsetAt(localMs + DAY_MS);
  const isBefore = offsetAt(localMs - before) === before;
  const isAfter = before === after ? isBefore : offsetAt(localMs - after) === after;
  if (isBefore) return { first: before, second: isAfter ? after : before };
  return isAfter ? { first: after, second: after } : SKIPPED;
}
