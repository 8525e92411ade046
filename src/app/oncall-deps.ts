import { holidayDates } from '../config/holiday-dates.ts';
import type { Config } from '../config/config-schema.ts';
import type { OnCallDeps } from '../oncall/oncall.ts';

/** What the desk of on-call takes from the configuration. `root`: the data directory. */
export function onCallDeps(
  { oncall, time_zone: timeZone, detect }: Config,
  { database, clock, act, directory, root }: Pick<OnCallDeps, 'database' | 'clock' | 'act' | 'directory'> & { readonly root: string },
): OnCallDeps {
  const needsHolidays = oncall.schedules.some(({ layers }) => layers.some(({ holidays }) => holidays !== 'yes'));
  const holidays = needsHolidays ? holidayDates(detect.holidays, root) : [];
  return { database, clock, act, directory, schedules: oncall.schedules, timeZone, holidays };
}
