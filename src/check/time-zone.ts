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
  const format = formatOf(timeZone);
  return (utcMs) => utcMs + offsetAt(format, utcMs);
}

/** Reads wall-clock times of one IANA zone. Throws RangeError for an unknown zone. */
export function createWallClock(timeZone: string): WallClock {
  const format = formatOf(timeZone);
  const bySlot = new Map<number, LocalOffsets>();
  return (localMs) => {
    const slot = Math.floor(localMs / SLOT_MS);
    let offsets = bySlot.get(slot);
    if (offsets === undefined) {
      if (bySlot.size >= MAX_SLOTS) bySlot.clear();
      offsets = offsetsOf(format, slot * SLOT_MS);
      bySlot.set(slot, offsets);
    }
    return offsets;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
}

function offsetsOf(format: Intl.DateTimeFormat, localMs: number): LocalOffsets {
  const before = offsetAt(format, localMs - DAY_MS);
  const after = offsetAt(format, localMs + DAY_MS);
  const isBefore = offsetAt(format, localMs - before) === before;
  const isAfter = before === after ? isBefore : offsetAt(format, localMs - after) === after;
  if (isBefore) return { first: before, second: isAfter ? after : before };
  return isAfter ? { first: after, second: after } : SKIPPED;
}

/** Local time minus UTC at an instant, milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, utcMs: number): number {
  const whole = Math.floor(utcMs / 1000) * 1000;
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(whole)) part[type] = value;
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
  return (
    Date.UTC(year, Number(part['month']) - 1, Number(part['day']), Number(part['hour']), Number(part['minute']), Number(part['second'])) -
    whole
  );
}
