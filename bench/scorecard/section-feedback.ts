import type { Section, SectionOptions } from './figure.ts';
import { runFeedback, type FeedbackRun } from './feedback-study.ts';

const WEEKS = 2;

/** What operators' verdicts bring: false alarms of a noisy merchant, and what is still reported of its real incidents. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const seeds = Array.from({ length: full ? 20 : 4 }, (_, index) => `noisy-${index + 1}`);
  const silent = seeds.map((seed) => runFeedback(seed, WEEKS, false));
  const judged = seeds.map((seed) => runFeedback(seed, WEEKS, true));
  const before = falseOnes(silent);
  const after = falseOnes(judged);
  const share = (runs: readonly FeedbackRun[]) => (100 * sum(runs, ({ caught }) => caught)) / sum(runs, ({ incidents }) => incidents);
  const delay = (runs: readonly FeedbackRun[]) => sum(runs, (run) => run.delay) / runs.length;
  return {
    title: 'Feedback',
    about: `A company of two merchants, one of which has harmless bursts of denials of every size (one in about three hours, three minutes long), and about one real incident of that merchant a day: denials x 10 and outages by turns, half an hour each. The operator calls every false anomaly noise and every real one useful, four minutes after it opened. ${seeds.length} companies, ${WEEKS} weeks each.`,
    figures: [
      {
        id: 'feedback.false_drop',
        name: 'false anomalies less than without verdicts',
        value: (100 * (before - after)) / Math.max(1, before),
        unit: '%',
        better: 'higher',
        note: `${after} instead of ${before}; ${sum(judged, ({ verdicts }) => verdicts)} verdicts`,
      },
      {
        id: 'feedback.hits',
        name: 'real incidents of the noisy merchant caught, with verdicts',
        value: share(judged),
        unit: '%',
        better: 'higher',
        goal: 99,
        note: `without verdicts ${share(silent).toFixed(1)} %; mean delay ${delay(judged).toFixed(1)} min instead of ${delay(silent).toFixed(1)}`,
      },
    ],
    tables: [
      {
        title: 'False anomalies by week',
        rows: [
          ['week', 'without verdicts', 'with verdicts'],
          ...Array.from({ length: WEEKS }, (_, week) => [
            String(week + 1),
            String(sum(silent, ({ falseByWeek }) => falseByWeek[week] ?? 0)),
            String(sum(judged, ({ falseByWeek }) => falseByWeek[week] ?? 0)),
          ]),
        ],
      },
    ],
  };
}

const sum = (runs: readonly FeedbackRun[], value: (run: FeedbackRun) => number): number =>
  runs.reduce((total, run) => total + value(run), 0);
const falseOnes = (runs: readonly FeedbackRun[]): number =>
  sum(runs, ({ falseByWeek }) => falseByWeek.reduce((total, count) => total + count, 0));
