import { WEEKDAYS } from '@transaction-guardian/contracts/weekday.ts';
import { createWallClock, type WallClock } from '../../check/time-zone.ts';
import type { Schedule } from '../../store/verbs/maintenance/maintenance-windows.ts';

/** One occurrence of a maintenance window, epoch milliseconds. */
export interface Occurrence {
  readonly startsAt: number;
  readonly endsAt: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SLOT_MS = 900_000;
/** No clock change skips more than a day. */
const SLOTS_MOST = 100;
/** A weekly window comes in two weeks at the latest, where a clock change skips one occurrence. */
const DAYS_MOST = 15;

/** The first occurrence that has not ended at `now` (epoch milliseconds), or that starts at or after `from` where given; null: there
 *  is none any more. Pure. */
export function nextOccurrence(schedule: Schedule, now: number, from = Number.NEGATIVE_INFINITY): Occurrence | null {
  if ('once' in schedule) {
    const occurrence = { startsAt: Date.parse(schedule.once.starts_at), endsAt: Date.parse(schedule.once.ends_at) };
    return occurrence.endsAt > now && occurrence.startsAt >= from ? occurrence : null;
  }
  const { weekly } = schedule;
  const clock = createWallClock(weekly.time_zone);
  const first = Math.max(localDay(now, weekly.time_zone) - DAY_MS, dayOf(weekly.from) ?? Number.NEGATIVE_INFINITY);
  const last = dayOf(weekly.until) ?? Number.POSITIVE_INFINITY;
  for (let day = first; day <= Math.min(last, first + DAYS_MOST * DAY_MS); day += DAY_MS) {
    if (!weekly.days.includes(weekdayOf(day))) continue;
    const start = minutesOf(weekly.start);
    const end = minutesOf(weekly.end);
    const startsAt = instantOf(clock, day + start * MINUTE_MS);
    const endsAt = instantOf(clock, day + end * MINUTE_MS + (end <= start ? DAY_MS : 0));
    // A clock change can skip the whole of it.
    if (endsAt > startsAt && endsAt > now && startsAt >= from) return { startsAt, endsAt };
  }
  return null;
}

/** The instant of a wall-clock time; of one that is skipped the end of the gap, of one that is repeated the first. */
function instantOf(clock: WallClock, localMs: number): number {
  const exact = localMs - clock(localMs).first;
  if (!Number.isNaN(exact)) return exact;
  for (let slot = Math.floor(localMs / SLOT_MS) + 1, tries = 0; tries < SLOTS_MOST; slot += 1, tries += 1) {
    const at = slot * SLOT_MS - clock(slot * SLOT_MS).first;
    if (!Number.isNaN(at)) return at;
  }
  return localMs;
}

/** The day that the clocks of a zone show, as UTC milliseconds of its midnight. */
function localDay(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
  return Date.parse(`${parts}T00:00:00Z`);
}

const dayOf = (day: string | undefined): number | undefined => (day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`));

/** Of the days of ISO 8601; 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): (typeof WEEKDAYS)[number] => WEEKDAYS[(((day / DAY_MS + 3) % 7) + 7) % 7] ?? 'mon';

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
