import type { DaySlot } from './day-profile.ts';
import { createFrozenValue } from './frozen-value.ts';
import { createLastingStep } from './lasting-step.ts';
import { createLastingSum } from './lasting-sum.ts';
import { createMeasure } from './measure.ts';
import { clampTo, createRunningScale } from './running-scale.ts';
import { createTail } from './tail.ts';

/** Share of the local deviation of a time of day in the scale. */
const LOCAL_SHARE = 0.5;
/** Less than this share of the usual movement of the series is never worth a word. */
const LEAST_SHARE = 0.03;
/** Slow errors move the level before a lasting step up to this many scales. */
const CLIP = 5;
/** Values over which the sustained error is smoothed, and how far one value counts in it. */
const SUSTAINED = 4;
const SUSTAINED_CLIP = 4;
/** Weights of the others against the error of a single value, and of the second strongest of all. */
const SLOW_WEIGHT = 0.8;
const SUSTAINED_WEIGHT = 0.9;
const LASTING_WEIGHT = 0.8;
const SECOND_WEIGHT = 0.3;
/** Weight of the strongest of the others beside a lasting sum: a sum of errors that are all small is a drift. */
const BESIDE_SUM = 0.6;

/** What is found in a value, all in nats. The object is reused. */
export interface SeriesFinding {
  /** The error of the value itself. */
  step: number;
  /** The strongest of what is measured against the slow expectation. */
  away: number;
  frozen: number;
  /** All together. */
  nats: number;
  /** Size that errors have here; how far a slow error goes usually; size of the whole movement of the series. */
  scale: number;
  slowScale: number;
  swing: number;
}

export interface SeriesEvidence {
  /** Usual size of the errors of single values. */
  readonly scale: number;
  /** `isFine`: values come so often that an incident lasts for several. */
  judge(
    value: number,
    expected: { readonly near: number; readonly slow: number },
    place: { readonly slot: Readonly<DaySlot>; readonly isFine: boolean },
  ): SeriesFinding;
}

/** Evidence of the values of one series, each statistic against its own usual size and tail. Deterministic, O(1). */
export function createSeriesEvidence(): SeriesEvidence {
  const [stepScale, swing, stepTail] = [createRunningScale(), createRunningScale(), createTail()];
  const [slowMeasure, sustainedMeasure, lastingMeasure] = [createMeasure(), createMeasure(), createMeasure()];
  const [lastingStep, frozenValue] = [createLastingStep(), createFrozenValue()];
  const [lastingSum, sumScale] = [createLastingSum(), createRunningScale()];
  const found: SeriesFinding = { step: 0, away: 0, frozen: 0, nats: 0, scale: 0, slowScale: 0, swing: 0 };
  let sustained = 0;
  return {
    get scale() {
      return stepScale.value;
    },
    judge: (value, { near, slow }, { slot, isFine }) => {
      const [error, slowError] = [value - near, value - slow];
      const least = LEAST_SHARE * swing.value + 1e-9 * Math.abs(value) + 1e-12;
      const local = localFactor(slot, stepScale.value);
      found.scale = Math.max(least, local * stepScale.value);
      found.slowScale = Math.max(least, slowMeasure.scale);
      const statistic = unusual(error, slot, found.scale) / found.scale;
      const step = stepTail.nats(statistic);
      sustained += (clampTo(slowError, SUSTAINED_CLIP * found.slowScale) - sustained) / SUSTAINED;
      const lasting = LASTING_WEIGHT * lastingMeasure.judge(lastingStep(slowError, CLIP * found.slowScale), least);
      const away = SLOW_WEIGHT * slowMeasure.judge(slowError, least, local);
      const held = SUSTAINED_WEIGHT * sustainedMeasure.judge(sustained, least / 2);
      sumScale.learn(slowError, least);
      const summed = lastingSum(slowError, Math.max(least, local * sumScale.value));
      found.step = step;
      found.away = Math.max(away, held, lasting);
      found.frozen = frozenValue(value);
      found.nats = together(step, away, held, lasting, found.frozen);
      if (isFine) found.nats = Math.max(found.nats, (summed + BESIDE_SUM * Math.max(step, found.away)) / (1 + BESIDE_SUM));
      stepTail.learn(statistic);
      swing.learn(slowError, least);
      stepScale.learn(error, least);
      found.swing = swing.value;
      return found;
    },
  };
}

/** How much larger or smaller errors are at this time of day than usual. */
function localFactor({ days, deviation }: Readonly<DaySlot>, scale: number): number {
  if (days === 0 || scale === 0) return 1;
  return 1 - LOCAL_SHARE + LOCAL_SHARE * Math.sqrt(Math.max(deviation, 0.3 * scale) / scale);
}

/** Size of an error beyond what this time of day shows on other days. */
function unusual(error: number, { rise, fall }: Readonly<DaySlot>, scale: number): number {
  const usual = error > 0 ? rise : -fall;
  return Math.max(0, Math.abs(error) - Math.max(0, usual - 2 * scale));
}

/** The strongest, helped by the second. */
function together(...nats: readonly number[]): number {
  let [strongest, second] = [0, 0];
  for (const one of nats) {
    if (one > strongest) [strongest, second] = [one, strongest];
    else second = Math.max(second, one);
  }
  return (strongest + SECOND_WEIGHT * second) / (1 + SECOND_WEIGHT);
}
