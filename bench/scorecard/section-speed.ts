import { run } from '../detector.ts';
import type { Figure, Section, SectionOptions } from './figure.ts';

const BEST: Readonly<Record<string, string>> = { 'points/s': 'Python solution 120-240 rows/s; prototype 0.3-0.7 M' };

/** Points a second and bytes a series. */
export async function makeSection(_options: SectionOptions): Promise<Section | null> {
  const results = await run({ quick: false });
  const figures = results.map(({ name, value, unit, better, goal, details }): Figure => ({
    ...{ id: `speed.${unit.replaceAll('/', '_')}`, name, value, unit, better },
    ...(goal === undefined ? {} : { goal }),
    ...(BEST[unit] === undefined ? {} : { best: BEST[unit] }),
    note: `${details?.['series'] ?? ''} series`,
  }));
  return {
    title: 'Speed and memory',
    about: 'One thread, 10,000 merchants x 6 statuses, an hour of minutes; measured alone, after everything else.',
    figures,
  };
}
