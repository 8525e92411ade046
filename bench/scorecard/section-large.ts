import { show, type Section, type SectionOptions } from './figure.ts';
import { runNull } from './null-study.ts';
import { COMPANY_HEAD, companyRow, kindRows, total } from './section-null.ts';
import { poissonUpper } from './statistics.ts';

/** Half a day after the first minute of the run. */
const EARLY = Date.UTC(2026, 2, 2, 15);

/** One large company in which nothing breaks. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const runs = [runNull({ seed: 'null-10000', merchants: 10_000, days: full ? 3 : 1 })];
  const anomalies = runs.flatMap((run) => [...run.merchantOnes, ...run.upperOnes]);
  const days = total(runs, 'days');
  const early = anomalies.filter(({ detected_at }) => Date.parse(detected_at) < EARLY).length;
  const note = `${anomalies.length} in ${days} days from the very first minute on, ${early} of them in the first twelve hours; at most ${show(poissonUpper(anomalies.length) / days)} (95 %)`;
  return {
    title: 'A large company without incidents',
    about: 'The simulator with 10,000 merchants x 6 statuses (seed null-10000), from its very first minute, when nothing is known of it.',
    figures: [
      {
        id: 'large.day',
        name: 'false incidents of 10,000 merchants',
        value: anomalies.length / days,
        unit: 'a day',
        better: 'lower',
        goal: 1,
        note,
      },
    ],
    tables: [
      { title: 'By company', rows: [COMPANY_HEAD, companyRow('10,000 merchants', runs)] },
      { title: 'What was false', rows: [['what', 'day 1', 'later'], ...kindRows(runs)] },
    ],
  };
}
