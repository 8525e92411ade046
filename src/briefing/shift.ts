import { createWallClock, localTimeIn } from '../check/time-zone.ts';
import { instantOf, minutesOf } from '../check/local-day.ts';

/** A shift, every day. `start`, `end`: wall-clock times, `HH:MM`; an end at or before the start is one of the next day. */
export interface DailyShift {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

/** A start or an end of a shift, and the period that its briefing is about; epoch milliseconds, `to` exclusive. */
export interface Boundary {
  readonly id: string;
  readonly shift: string;
  readonly kind: 'start' | 'end';
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
/** Every shift has a start and an end within two days, also over a change of clocks. */
const LOOK_MS = 2 * DAY_MS + 7_200_000;
const MINUTE_MS = 60_000;

/** The starts and ends of shifts in (after, until], the earliest first. The briefing of a start is about as long a time before it
 *  as the shift takes, that of an end about the shift. A time that clocks skip is the end of the gap, of one that they repeat the
 *  first counts. Pure. */
export function boundariesIn(shifts: readonly DailyShift[], timeZone: string, after: number, until: number): Boundary[] {
  const wall = createWallClock(timeZone);
  const local = localTimeIn(timeZone);
  const first = Math.floor(local(after) / DAY_MS) * DAY_MS - 2 * DAY_MS;
  const last = Math.floor(local(until) / DAY_MS) * DAY_MS + DAY_MS;
  const found: Boundary[] = [];
  for (const shift of shifts) {
    const start = minutesOf(shift.start);
    const end = minutesOf(shift.end);
    for (let day = first; day <= last; day += DAY_MS) {
      const begins = instantOf(wall, day + start * MINUTE_MS);
      const ends = instantOf(wall, day + end * MINUTE_MS + (end <= start ? DAY_MS : 0));
      const date = new Date(day).toISOString().slice(0, 10);
      const id = `${shift.name}-${date}`;
      found.push({ id: `${id}-start`, shift: shift.name, kind: 'start', at: begins, from: begins - (ends - begins), to: begins });
      found.push({ id: `${id}-end`, shift: shift.name, kind: 'end', at: ends, from: begins, to: ends });
    }
  }
  return found
    .filter(({ at, from, to }) => at > after && at <= until && to > from)
    .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** When the shift that is under way ends, epoch milliseconds: of several the first; between shifts when the next one begins, and
 *  takes over. Null without shifts. Pure. */
export function shiftEnd(shifts: readonly DailyShift[], timeZone: string, at: number): number | null {
  const ahead = boundariesIn(shifts, timeZone, at, at + LOOK_MS);
  const next = shifts.flatMap(({ name }) => ahead.find(({ shift }) => shift === name) ?? []).toSorted((a, b) => a.at - b.at);
  const underWay = next.find(({ kind }) => kind === 'end');
  return (underWay ?? next[0])?.at ?? null;
}
