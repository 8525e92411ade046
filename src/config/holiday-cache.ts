import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config-schema.ts';

type Calendar = Pick<Config['detect']['holidays'], 'country' | 'region' | 'types'>;

interface Stored {
  readonly key: string;
  readonly dates: readonly string[];
}

const NAME = 'holidays.json';
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The dates of a calendar, kept in the data directory: to work them out takes a sixth of a second of every start and the
 *  memory of all calendars of the world. A file that cannot be read, or that is of another calendar or version of it, is
 *  rebuilt; one that cannot be written is not missed. `compute` may throw. */
export function cachedDates(dataDir: string, calendar: Calendar, compute: () => readonly string[]): readonly string[] {
  const file = join(dataDir, NAME);
  const { version } = createRequire(import.meta.url)('date-holidays/package.json') as { readonly version: string };
  const key = JSON.stringify([version, calendar.country, calendar.region ?? '', calendar.types]);
  const stored = read(file);
  if (stored?.key === key) return stored.dates;
  const dates = compute();
  try {
    writeFileSync(file, JSON.stringify({ key, dates } satisfies Stored), { mode: 0o600 });
  } catch {
    // A directory that is not there, or full: the dates are as good without it.
  }
  return dates;
}

function read(file: string): Stored | undefined {
  try {
    const { key, dates } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Stored>;
    const isWhole = typeof key === 'string' && Array.isArray(dates) && dates.every((date) => typeof date === 'string' && DATE.test(date));
    return isWhole ? { key, dates } : undefined;
  } catch {
    return undefined;
  }
}
