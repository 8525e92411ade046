import { quantileOfNats } from '../series/normal.ts';
import { createCadence } from './cadence.ts';
import { createDayProfile, UNKNOWN_SLOT, type DayProfile } from './day-profile.ts';
import { createFilledGap } from './filled-gap.ts';
import { createNovelty } from './novelty.ts';
import { createPredictors, type Predictors } from './predictors.ts';
import { clampTo } from './running-scale.ts';
import { createSeriesEvidence, type SeriesFinding } from './series-evidence.ts';

/** Judgement of one value. `score`: 1.0 is the threshold. `expected` is NaN before the first value. */
export interface SeriesVerdict {
  readonly score: number;
  readonly z: number;
  readonly anomalous: boolean;
  /** The value repeats itself where it never did, rather than being too high or low. */
  readonly frozen: boolean;
  readonly expected: number;
  readonly learning: boolean;
}

/** Values to learn before any may be reported. */
const LEARN = 60;
/** Bar in nats for a value every five minutes; it rises and falls with the logarithm of the values a day. */
const THRESHOLD_NATS = 5.4;
const THRESHOLD_PER_LOG_RATE = 0.25;
const DAY_MS = 86_400_000;
/** Sums of errors that last tell of incidents where values come at least this often. */
const FINE_MS = 120_000;
const THRESHOLD_RATE = 288;
const MOST_NATS = 60;
/** Errors teach the levels up to this many scales, and the shape of the day when it is known. */
const CLIP = 5;
const SHAPE_CLIP = 4;

/** Judges a general numeric series (latency, queue, rate) value by value, in order of time. The cadence is found from the
 *  first values. A missing value (NaN) is judged normal and teaches nothing. Deterministic, O(1) a value. */
export function createSeriesDetector(): (timeMs: number, value: number) => SeriesVerdict {
  const cadenceOf = createCadence();
  const isFilled = createFilledGap();
  const novelty = createNovelty();
  const evidence = createSeriesEvidence();
  let predictors: Predictors | null = null;
  let profile: DayProfile | null = null;
  let threshold = THRESHOLD_NATS;
  let seen = 0;
  let isFine = false;

  function findCadence(timeMs: number): void {
    const cadenceMs = profile === null ? cadenceOf(timeMs) : null;
    if (cadenceMs === null) return;
    isFine = cadenceMs <= FINE_MS;
    profile = createDayProfile(cadenceMs);
    threshold = THRESHOLD_NATS + THRESHOLD_PER_LOG_RATE * Math.log(DAY_MS / cadenceMs / THRESHOLD_RATE);
  }

  function verdictOf(value: number, near: number, slow: number, found: Readonly<SeriesFinding>): SeriesVerdict {
    const learning = seen < LEARN;
    const score = novelty(learning ? 0 : Math.min(MOST_NATS, found.nats)) / threshold;
    const expected = found.step >= found.away ? near : slow;
    const strongest = Math.max(found.step, found.away, found.frozen);
    return {
      score: Math.round(score * 1e4) / 1e4,
      z: learning ? 0 : Math.sign(value - expected) * (Math.round(quantileOfNats(strongest) * 100) / 100),
      anomalous: score >= 1,
      frozen: found.frozen > Math.max(found.step, found.away),
      expected,
      learning,
    };
  }

  return (timeMs, value) => {
    if (!Number.isFinite(value) || isFilled(value))
      return { score: 0, z: 0, anomalous: false, frozen: false, expected: Number.NaN, learning: seen < LEARN };
    findCadence(timeMs);
    const slot = profile?.enter(timeMs) ?? UNKNOWN_SLOT;
    if (predictors === null) {
      predictors = createPredictors(value);
      seen = 1;
      return { score: 0, z: 0, anomalous: false, frozen: false, expected: value, learning: true };
    }
    const expected = predictors.expect(slot, evidence.scale);
    const found = evidence.judge(value, expected, { slot, isFine });
    const { near, slow } = expected;
    const verdict = verdictOf(value, near, slow, found);
    const most = seen < 10 ? Number.POSITIVE_INFINITY : CLIP * found.scale;
    const shape = slot.days < 2 ? value : slow + clampTo(value - slow, SHAPE_CLIP * found.slowScale);
    predictors.learn(slot, value, near + clampTo(value - near, most), 1.5 * most);
    profile?.learn(shape, value - near, found.scale, found.swing);
    seen++;
    return verdict;
  };
}
