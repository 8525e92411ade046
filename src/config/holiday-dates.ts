import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';
import { GuardianError } from '../errors.ts';
import { cachedDates } from './holiday-cache.ts';
import type { Config } from './config-schema.ts';

const FIRST_YEAR = 2000;
const LAST_YEAR = 2060;
const DAY_MS = 86_400_000;
/** `country` of a calendar without holidays but its own dates. */
const NONE = 'none';

/** Local dates (`YYYY-MM-DD`, sorted, 2000 to 2060) that are lived as holidays: those of the calendar, and the dates of the
 *  configuration. A day counts when at least half of it is a holiday: Ash Wednesday until 14:00 does, Christmas Eve from
 *  14:00 on does not. `cacheDir`: where the
 *  dates of the calendar are kept between starts. Throws CONFIG_INVALID for a country or region that the calendar does not have. */
export function holidayDates({ dates, ...calendar }: Config['detect']['holidays'], cacheDir?: string): readonly string[] {
  const found = new Set(dates);
  if (calendar.country !== NONE) for (const date of datesOf(calendar, cacheDir)) found.add(date);
  return [...found].toSorted();
}

function datesOf(calendar: Omit<Config['detect']['holidays'], 'dates'>, cacheDir: string | undefined): readonly string[] {
  const compute = (): readonly string[] => [...calendarDates(calendar.country, calendar.region, calendar.types)];
  return cacheDir === undefined ? compute() : cachedDates(cacheDir, calendar, compute);
}

function* calendarDates(country: string, region: string | undefined, types: Config['detect']['holidays']['types']): Generator<string> {
  const calendar = openCalendar(country, region, types);
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
    for (const { date, start, end } of calendar.getHolidays(year)) {
      const first = Date.parse(`${date.slice(0, 10)}T00:00Z`);
      const days = Math.round((end.getTime() - start.getTime()) / DAY_MS);
      for (let day = 0; day < days; day++) yield new Date(first + day * DAY_MS).toISOString().slice(0, 10);
    }
  }
}

function openCalendar(country: string, region: string | undefined, types: Config['detect']['holidays']['types']): Holidays {
  // Loaded when it is needed: it takes a tenth of a second, which most commands would wait for in vain.
  const Calendar = createRequire(import.meta.url)('date-holidays') as typeof Holidays;
  const known = new Calendar();
  const countries = known.getCountries();
  if (countries[country] === undefined) throw unknown('country', country, Object.keys(countries));
  if (region === undefined) return new Calendar(country, { types: [...types] });
  const regions: Readonly<Record<string, string>> | undefined = known.getStates(country);
  if (regions?.[region] === undefined) throw unknown('region', region, Object.keys(regions ?? {}));
  return new Calendar(country, region, { types: [...types] });
}

function unknown(setting: string, value: string, known: readonly string[]): GuardianError {
  const list = known.length > 0 ? known.join(', ') : 'nothing for this country';
  return new GuardianError('CONFIG_INVALID', `detect.holidays.${setting} is ${value}, but the calendar knows ${list}.`);
}
