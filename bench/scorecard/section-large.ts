import { show, type Section, type SectionOptions } from './figure.ts';
import { runNull } from './null-study.ts';
import { COMPANY_HEAD, companyRow, count, kindRows, total } from './section-null.ts';
import { poissonUpper } from './statistics.ts';

/** One large company in which nothing breaks. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const runs = [runNull({ seed: 'null-10000', merchants: 10_000, days: full ? 3 : 1 })];
  const all = count(runs, 'merchantOnes') + count(runs, 'upperOnes');
  const days = total(runs, 'days');
  const note = `${all} in ${days} days, the first one included; at most ${show(poissonUpper(all) / days)} (95 %)`;
  return {
    title: 'A large company without incidents',
    about: 'The simulator with 10,000 merchants x 6 statuses (seed null-10000), from the first minute on.',
    figures: [
      { id: 'large.day', name: 'false incidents of 10,000 merchants', value: all / days, unit: 'a day', better: 'lower', goal: 1, note },
    ],
    tables: [
      { title: 'By company', rows: [COMPANY_HEAD, companyRow('10,000 merchants', runs)] },
      { title: 'What was false', rows: [['what', 'day 1', 'later'], ...kindRows(runs)] },
    ],
  };
}
