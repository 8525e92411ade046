import { quantileOfNats } from '../normal.ts';
import { createCadence } from './cadence.ts';
import { createDayProfile, UNKNOWN_SLOT, type DayProfile, type Slot } from './day-profile.ts';
import { createNovelty } from './novelty.ts';
import { createPredictors, type Predictors } from './predictors.ts';
import { clip, createRunningScale } from './running-scale.ts';
import { createTail } from './tail.ts';

/** Judgement of one value. `score`: 1.0 is the bar. `expected` is NaN before the first value. */
export interface SeriesVerdict {
  readonly score: number;
  readonly z: number;
  readonly anomalous: boolean;
  readonly expected: number;
  readonly learning: boolean;
}

/** Values to learn before any may be told. */
const LEARN = 60;
/** Bar in nats for a value every five minutes; it rises and falls with the logarithm of the values a day. */
const BAR_NATS = 5.4;
const BAR_PER_LOG_RATE = 0.25;
const DAY_MS = 86_400_000;
const BAR_RATE = 288;
const MOST_NATS = 60;
/** Share of the local deviation of a time of day in the scale. */
const LOCAL_SHARE = 0.5;
/** Less than this share of the usual movement of the series is never worth a word. */
const LEAST_SHARE = 0.03;
/** Errors teach levels and scales up to this many scales. */
const CLIP = 5;
/** Values over which the sustained error is smoothed, and how far one value counts in it. */
const SUSTAINED = 4;
const SUSTAINED_CLIP = 4;
/** Weights of the slow and the sustained error against that of the step, and of the second strongest of the three. */
const SLOW_WEIGHT = 0.8;
const SUSTAINED_WEIGHT = 0.9;
const SECOND_WEIGHT = 0.3;

/** Judges a general numeric series (latency, queue, rate) value by value, in order of time. The cadence is found from the
 *  first values. A missing value (NaN) is judged normal and teaches nothing. Deterministic, O(1) a value. */
export function createSeriesDetector(): (timeMs: number, value: number) => SeriesVerdict {
  const cadenceOf = createCadence();
  const novelty = createNovelty();
  const [stepScale, slowScale, sustainedScale, swing] = [
    createRunningScale(),
    createRunningScale(),
    createRunningScale(),
    createRunningScale(),
  ];
  const [stepTail, slowTail, sustainedTail] = [createTail(), createTail(), createTail()];
  let predictors: Predictors | null = null;
  let profile: DayProfile | null = null;
  let bar = BAR_NATS;
  let seen = 0;
  let sustained = 0;

  function findCadence(timeMs: number): void {
    const cadenceMs = profile === null ? cadenceOf(timeMs) : null;
    if (cadenceMs === null) return;
    profile = createDayProfile(cadenceMs);
    bar = BAR_NATS + BAR_PER_LOG_RATE * Math.log(DAY_MS / cadenceMs / BAR_RATE);
  }

  return (timeMs, value) => {
    if (!Number.isFinite(value)) return { score: 0, z: 0, anomalous: false, expected: Number.NaN, learning: seen < LEARN };
    findCadence(timeMs);
    const slot = profile?.enter(timeMs) ?? UNKNOWN_SLOT;
    if (predictors === null) {
      predictors = createPredictors(value);
      seen = 1;
      return { score: 0, z: 0, anomalous: false, expected: value, learning: true };
    }
    const { near, slow } = predictors.expect(slot, stepScale.value);
    const least = LEAST_SHARE * swing.value + 1e-9 * Math.abs(value) + 1e-12;
    const local = localFactor(slot, stepScale.value);
    const scale = Math.max(least, local * stepScale.value);
    const error = value - near;
    const slowError = value - slow;
    sustained += (clip(slowError, SUSTAINED_CLIP * Math.max(slowScale.value, least)) - sustained) / SUSTAINED;
    const statistics = [
      unusual(error, slot, scale) / scale,
      Math.abs(slowError) / Math.max(least, slowScale.value * local),
      Math.abs(sustained) / Math.max(least / 2, sustainedScale.value),
    ] as const;
    const step = stepTail.nats(statistics[0]);
    const away = SLOW_WEIGHT * slowTail.nats(statistics[1]);
    const lasting = SUSTAINED_WEIGHT * sustainedTail.nats(statistics[2]);
    const learning = seen < LEARN;
    const nats = learning ? 0 : Math.min(MOST_NATS, together(step, away, lasting));
    const score = novelty(nats) / bar;

    stepTail.learn(statistics[0]);
    slowTail.learn(statistics[1]);
    sustainedTail.learn(statistics[2]);
    const most = seen < 10 ? Number.POSITIVE_INFINITY : CLIP * scale;
    swing.learn(value - slow, least);
    slowScale.learn(slowError, least);
    sustainedScale.learn(sustained, least);
    stepScale.learn(error, least);
    predictors.learn(slot, value, near + clip(error, most), 1.5 * most);
    profile?.learn(value, error, scale, swing.value);
    seen++;
    const isStep = step >= away && step >= lasting;
    const side = Math.sign(isStep ? error : slowError);
    return {
      score: Math.round(score * 1e4) / 1e4,
      z: learning ? 0 : side * (Math.round(quantileOfNats(Math.max(step, away, lasting)) * 100) / 100),
      anomalous: score >= 1,
      expected: isStep ? near : slow,
      learning,
    };
  };
}

/** How much larger or smaller errors are at this time of day than usual. */
function localFactor({ days, deviation }: Readonly<Slot>, scale: number): number {
  if (days === 0 || scale === 0) return 1;
  return 1 - LOCAL_SHARE + LOCAL_SHARE * Math.sqrt(Math.max(deviation, 0.3 * scale) / scale);
}

/** Size of an error beyond what this time of day shows on other days. */
function unusual(error: number, { rise, fall }: Readonly<Slot>, scale: number): number {
  const usual = error > 0 ? rise : -fall;
  return Math.max(0, Math.abs(error) - Math.max(0, usual - 2 * scale));
}

/** The strongest of three, helped by the second. */
function together(a: number, b: number, c: number): number {
  const strongest = Math.max(a, b, c);
  const second = a + b + c - strongest - Math.min(a, b, c);
  return (strongest + SECOND_WEIGHT * second) / (1 + SECOND_WEIGHT);
}
