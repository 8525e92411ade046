/** Instant (epoch milliseconds) of a local wall-clock time, given as if it were UTC milliseconds. */
export type LocalTime = (localMs: number) => number;

const SLOT_MS = 900_000;
const DAY_MS = 86_400_000;
const MAX_SLOTS = 20_000;

/** Reads wall-clock times of one IANA zone. In the hour that a clock change repeats, the first one is meant; in the hour
 *  that it skips, the time moves forward by the size of the change. Throws RangeError for an unknown zone. */
export function createLocalTime(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
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
  const offsets = new Map<number, number>();
  return (localMs) => {
    const slot = Math.floor(localMs / SLOT_MS);
    let offset = offsets.get(slot);
    if (offset === undefined) {
      if (offsets.size >= MAX_SLOTS) offsets.clear();
      offset = offsetOfLocal(format, slot * SLOT_MS);
      offsets.set(slot, offset);
    }
    return localMs - offset;
  };
}

function offsetOfLocal(format: Intl.DateTimeFormat, localMs: number): number {
  const before = offsetAt(format, localMs - DAY_MS);
  const after = offsetAt(format, localMs + DAY_MS);
  if (before === after || offsetAt(format, localMs - before) === before) return before;
  return offsetAt(format, localMs - after) === after ? after : before;
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
