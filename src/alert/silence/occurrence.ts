import { dayOf, instantOf, minutesOf, weekdayOf } from '../../check/local-day.ts';
import { createWallClock } from '../../check/time-zone.ts';
import type { Schedule } from '../../store/verbs/maintenance/maintenance-windows.ts';

/** One occurrence of a maintenance window, epoch milliseconds. */
export interface Occurrence {
  readonly startsAt: number;
  readonly endsAt: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
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
  const first = Math.max(
    localDay(now, weekly.time_zone) - DAY_MS,
    weekly.from === undefined ? Number.NEGATIVE_INFINITY : dayOf(weekly.from),
  );
  const last = weekly.until === undefined ? Number.POSITIVE_INFINITY : dayOf(weekly.until);
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

/** The day that the clocks of a zone show, as UTC milliseconds of its midnight. */
function localDay(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
  return Date.parse(`${parts}T00:00:00Z`);
}
