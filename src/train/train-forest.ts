import { createHash } from 'node:crypto';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { GuardianError } from '../errors.ts';
import { createProbe, isLearning, type Probe } from '../detect/engine/create-detector.ts';
import { partsWithout } from '../detect/series/parts.ts';
import { atU8 } from '../detect/series/series-store.ts';
import { FEATURES, groupFeatures } from '../detect/forest/features.ts';
import { growForest, scoreForest } from '../detect/forest/isolation-forest.ts';
import { loadModel, treesOf, type ForestModel } from '../detect/forest/model.ts';
import { seededNumbers } from '../detect/forest/random.ts';
import { weighForest, type WeighOptions } from './weigh-forest.ts';

export interface TrainOptions {
  readonly seed: number;
  /** IANA zone of the daily curve of the windows. */
  readonly timeZone: string;
  /** Words for the training summary: where the windows come from. */
  readonly traffic: string;
  /** Default 64 trees on 128 points. */
  readonly trees?: number;
  readonly sample?: number;
  /** Size of the streams that its weight is learnt from and held against (`weighForest`). */
  readonly weigh?: Pick<WeighOptions, 'days' | 'streams'>;
}

/** Fewest minutes worth training on. */
const LEAST_MINUTES = 240;
/** Tail shares at which the raw score is written down. */
const TAILS = [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/** What a forest adds while its weight is not known. */
const NOTHING = { weight: 0, most: 0 };

/** Trains an Isolation Forest on minutes in order of time; minutes in which an anomaly is open are left out. What it may
 *  add to the counts is learnt on simulated incidents. Pure: the
 *  same windows and seed give the same model. Throws DETECT_MODEL_INVALID when fewer than 240 usable minutes come. */
export function trainForest(windows: Iterable<ClosedWindow>, options: TrainOptions): ForestModel {
  return fitForest(collectFeatures(windows, options.timeZone), options);
}

/** Features of the fleet in every usable minute of a stream. */
export function collectFeatures(windows: Iterable<ClosedWindow>, timeZone: string): Float64Array[] {
  // The model in use must not colour what the next one is trained on.
  const probe = createProbe({ timeZone, parts: partsWithout('forest') });
  const points: Float64Array[] = [];
  for (const window of windows) {
    probe.step(window);
    const isUsable = !isLearning(probe.state) && atU8(probe.state.store.frozen, 0) === 0 && window.state !== 'silent';
    if (isUsable) points.push(fleetFeatures(probe));
  }
  return points;
}

/** Features of the fleet in the last minute of a probe. */
function fleetFeatures({ state }: Probe): Float64Array {
  const point = new Float64Array(FEATURES.length);
  groupFeatures(state.store, 0, state.trend.observed / Math.max(1e-9, state.trend.expected), point);
  return point;
}

/** Trains on features that were collected before, also of several streams. */
export function fitForest(points: readonly Float64Array[], options: TrainOptions): ForestModel {
  if (points.length < LEAST_MINUTES) {
    throw new GuardianError(
      'DETECT_MODEL_INVALID',
      `Expected at least ${LEAST_MINUTES} minutes without an anomaly to train on, got ${points.length}.`,
      { rule: 'forest_few_minutes', params: { least: LEAST_MINUTES, minutes: points.length } },
    );
  }
  const { seed, trees = 64, sample = 128 } = options;
  const forest = growForest(points, { trees, sample, random: seededNumbers(seed) });
  const raw = points.map((point) => scoreForest(forest, point)).sort((a, b) => b - a);
  const tail = TAILS.filter((share) => share * raw.length >= 1);
  const draft = {
    format: 'guardian-isolation-forest',
    features: FEATURES,
    training: {
      seed,
      minutes: points.length,
      trees,
      sample,
      traffic: options.traffic,
      raw_mean: short(raw.reduce((sum, score) => sum + score, 0) / raw.length),
      raw_max: short(raw[0] ?? 0),
    },
    calibration: { tail, raw: tail.map((share) => short(raw[Math.floor(share * raw.length)] ?? 1)) },
    norm: forest.norm,
    trees: treesOf(forest),
  } as const;
  const combine = weighForest(loadModel({ ...draft, version: '', combine: NOTHING }), {
    seed,
    timeZone: options.timeZone,
    ...options.weigh,
  });
  const model = { ...draft, combine };
  const version = `if-${createHash('sha256').update(JSON.stringify(model)).digest('hex').slice(0, 10)}`;
  return { ...model, version };
}

const short = (value: number): number => Number(value.toPrecision(5));
