import { localTimeIn, createWallClock } from '../../check/time-zone.ts';
import type { DayPart, Period, PeriodUnit, TimeRange } from './period.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SLOT_MS = 15 * MINUTE_MS;
/** Longest hour that a clock change has ever skipped is a day. */
const MAX_SKIPPED_SLOTS = 100;

const UNIT_MS: Readonly<Record<PeriodUnit, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS, week: 7 * DAY_MS };
/** First and last minute of the parts of a day, from its midnight. */
const PART_MINUTES: Readonly<Record<DayPart, readonly [number, number]>> = {
  dawn: [0, 360],
  morning: [360, 720],
  afternoon: [720, 1080],
  evening: [1080, 1440],
  night: [1080, 1800],
};

/** Makes periods into times of one IANA zone. */
export interface PeriodResolver {
  /** The newest such period that has begun at `now` (epoch milliseconds); it never ends after `now`. A local time that a clock
   *  change skips is the instant of the change; of one that it repeats, a period begins with the first and ends with the second. */
  resolve(period: Period, now: number): TimeRange;
}

/** Makes the resolver of a zone. Throws RangeError for an unknown zone. */
export function createPeriodResolver(timeZone: string): PeriodResolver {
  const localOf = localTimeIn(timeZone);
  const wall = createWallClock(timeZone);

  const instant = (localMs: number, edge: 'first' | 'second'): number => {
    const at = wall(localMs);
    if (!Number.isNaN(at.first)) return localMs - at[edge];
    for (let slot = 1; slot <= MAX_SKIPPED_SLOTS; slot++) {
      const later = (Math.floor(localMs / SLOT_MS) + slot) * SLOT_MS;
      const offsets = wall(later);
      if (!Number.isNaN(offsets.first)) return later - offsets.first;
    }
    return localMs;
  };
  const midnight = (now: number): number => Math.floor(localOf(now) / DAY_MS) * DAY_MS;
  const within = (day: number, from: number, to: number): TimeRange => ({
    from: instant(day + from * MINUTE_MS, 'first'),
    to: instant(day + to * MINUTE_MS, 'second'),
  });
  /** The newest of these days on which the period has begun. */
  const newest = (day: number, now: number, from: number, to: number): TimeRange => {
    const today = within(day, from, to);
    return today.from <= now ? today : within(day - DAY_MS, from, to);
  };

  const whole = (period: Period, now: number): TimeRange => {
    const today = midnight(now);
    switch (period.kind) {
      case 'last':
        return { from: now - period.amount * UNIT_MS[period.unit], to: now };
      case 'day':
        return within(today - period.back * DAY_MS, 0, 1440);
      case 'week':
        return weekOf(today, period.back, within);
      case 'part':
        return partOf({ ...period, today, now }, within, newest);
      case 'since': {
        if (period.back !== null) return { from: within(today - period.back * DAY_MS, period.at, 1440).from, to: now };
        return { from: newest(today, now, period.at, 1440).from, to: now };
      }
      case 'between': {
        const to = period.to > period.from ? period.to : period.to + 1440;
        return period.back === null ? newest(today, now, period.from, to) : within(today - period.back * DAY_MS, period.from, to);
      }
      case 'weekday': {
        const since = (new Date(today).getUTCDay() - period.weekday + 7) % 7;
        const back = since === 0 && period.isPast === true ? 7 : since;
        return within(today - back * DAY_MS, 0, 1440);
      }
      case 'date':
        return within(period.month === null ? dayOf(period.day, today) : dateOf({ ...period, month: period.month }, today), 0, 1440);
      case 'from':
        return { from: whole(period.of, now).from, to: now };
    }
  };

  return {
    resolve(period, now) {
      const { from, to } = whole(period, now);
      return { from: Math.min(from, now), to: Math.min(to, now) };
    },
  };
}

type Within = (day: number, from: number, to: number) => TimeRange;

/** Weeks begin on Monday. */
function weekOf(today: number, back: number, within: Within): TimeRange {
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY_MS - back * 7 * DAY_MS;
  return within(monday, 0, 7 * 1440);
}

interface PartAt {
  readonly part: DayPart;
  readonly back: number;
  readonly today: number;
  readonly now: number;
}

/** After midnight, the night that still goes on began yesterday. */
function partOf(
  { part, back, today, now }: PartAt,
  within: Within,
  newest: (day: number, now: number, from: number, to: number) => TimeRange,
): TimeRange {
  const [from, to] = PART_MINUTES[part];
  if (back > 0) return within(today - back * DAY_MS, from, to);
  return newest(today, now, from, to);
}

/** Midnight of the newest such day of a month that has begun. */
function dayOf(day: number, today: number): number {
  for (let at = today; ; at -= DAY_MS) if (new Date(at).getUTCDate() === day) return at;
}

/** Midnight of a date; without a year, the newest one that has begun. */
function dateOf(
  { day, month, year }: { readonly day: number; readonly month: number; readonly year: number | null },
  today: number,
): number {
  if (year !== null) return Date.UTC(year, month - 1, day);
  for (let candidate = new Date(today).getUTCFullYear(); ; candidate--) {
    const at = new Date(Date.UTC(candidate, month - 1, day));
    if (at.getUTCMonth() === month - 1 && at.getTime() <= today) return at.getTime();
  }
}
