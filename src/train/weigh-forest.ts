import type { Status } from '@transaction-guardian/contracts/status.ts';
import { playTrials, undecidedMinutes, type Trial } from './held-out.ts';
import { fitLogistic, logLossOf, type Case } from '../detect/forest/logistic.ts';
import type { ForestModel, LoadedModel } from '../detect/forest/model.ts';
import { seededNumbers, type SeededNumbers } from '../detect/forest/random.ts';
import type { TrainedBreak } from './reference-traffic.ts';

export interface WeighOptions {
  readonly seed: number;
  /** IANA zone of the streams. */
  readonly timeZone: string;
  /** Days of each stream after a first one to learn (default 3), and streams of each size (default 3): so many to learn the
   *  weight from, and as many of other seeds to hold it against. */
  readonly days?: number;
  readonly streams?: number;
}

const SIZES = [
  { perMinute: 120, curve: 'flat', noise: 0.02 },
  { perMinute: 400, curve: 'daily', noise: 0.05 },
  { perMinute: 20, curve: 'daily', noise: 0.05 },
  { perMinute: 3, curve: 'flat', noise: 0 },
] as const;
const DAY = 1440;
const EVERY = 90;
const START_MS = Date.UTC(2026, 2, 2, 3);
/** Most that the forest adds, as a share of the threshold: the rest must come from the counts. */
const MOST = 0.1;
/** Most that a nat of the forest counts: the same minute is in both kinds of evidence, and the threshold promises a number of
 *  false alarms (at 1 they double, at a half they stay). */
const MOST_WEIGHT = 0.5;
/** Gain in standard errors below which the forest gets no weight. */
const LEAST_ERRORS = 2;

/** Learns how much the score of a forest adds to the evidence of the counts: logistic regression of incident against clean
 *  minutes on both, over the minutes that the counts leave undecided, in streams with incidents from hardly visible to plain.
 *  The weight is 0 when minutes of held-out streams are not told apart better with it. Deterministic. */
export function weighForest(model: LoadedModel, options: WeighOptions): ForestModel['combine'] {
  const { timeZone } = options;
  const learnt = planTrials(options, 1000).flatMap((trial) => undecidedMinutes(model, trial, timeZone));
  const heldOut = planTrials(options, 2000);
  const checked = heldOut.map((trial) => undecidedMinutes(model, trial, timeZone)).filter((cases) => cases.length > 0);
  const both = fitLogistic(learnt);
  const counts = fitLogistic(learnt.map(countsOnly));
  const gains = checked.map((cases) => (logLossOf(counts, cases.map(countsOnly)) - logLossOf(both, cases)) * cases.length);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const error = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length * (gains.length - 1)));
  const [, perCount = 0, perPattern = 0] = both;
  const isEarned = perCount > 0 && perPattern > 0 && mean > LEAST_ERRORS * error;
  const weight = isEarned ? short(Math.min(MOST_WEIGHT, perPattern / perCount)) : 0;
  const all = checked.flat();
  return {
    weight,
    most: MOST,
    held_out: {
      minutes: all.length,
      of_incidents: all.filter(({ isIn }) => isIn).length,
      loss_by_counts: short(logLossOf(counts, all.map(countsOnly))),
      loss_by_both: short(logLossOf(both, all)),
      gain_errors: short(mean / error),
      incidents: heldOut.reduce((sum, { breaks }) => sum + breaks.length, 0),
      by_counts: playTrials({ ...model, combine: { weight: 0, most: 0 } }, heldOut, timeZone),
      by_both: playTrials({ ...model, combine: { weight, most: MOST } }, heldOut, timeZone),
    },
  };
}

const countsOnly = ({ features, isIn }: Case): Case => ({ features: features.slice(0, 1), isIn });

function planTrials({ seed, days = 3, streams = 3 }: WeighOptions, offset: number): Trial[] {
  return Array.from({ length: streams }, (_, n) =>
    SIZES.map((size, i) => {
      const own = seed + offset + 10 * n + i;
      const minutes = (days + 1) * DAY;
      return { shape: { ...size, seed: own, minutes, startMs: START_MS }, breaks: planBreaks(seededNumbers(own + 1), minutes) };
    }),
  ).flat();
}

/** An incident about every hour and a half after the first day. */
function planBreaks(random: SeededNumbers, minutes: number): TrainedBreak[] {
  const breaks: TrainedBreak[] = [];
  for (let start = DAY; start + EVERY < minutes; start += EVERY) {
    const from = start + random.below(EVERY / 3);
    breaks.push({ from, to: from + 15 + random.below(30), factors: drawFactors(random) });
  }
  return breaks;
}

/** A fall, denials, failures, reversals, or all of it together. */
function drawFactors(random: SeededNumbers): TrainedBreak['factors'] {
  const rise = Math.exp(Math.log(1.5) + random.next() * Math.log(6));
  const fall = 1 - 0.8 * random.next();
  const kinds: readonly Readonly<Partial<Record<Status, number>>>[] = [
    { approved: fall, denied: fall, refunded: fall, reversed: fall },
    { denied: rise, approved: Math.max(0.2, 1 - 0.06 * (rise - 1)) },
    { failed: 4 * rise, backend_reversed: 4 * rise, approved: Math.max(0.2, 1 - 0.01 * (4 * rise - 1)) },
    { reversed: 2 * rise },
    { denied: rise, failed: 2 * rise, reversed: rise, approved: fall },
  ];
  return kinds[random.below(kinds.length)] ?? {};
}

const short = (value: number): number => Number(value.toPrecision(4));
