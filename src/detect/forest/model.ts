import { GuardianError } from '../../errors.ts';
import { atF32, atI32 } from '../series/series-store.ts';
import { FEATURES } from './features.ts';
import { scoreForest, type Forest } from './isolation-forest.ts';

/** A model file: plain JSON. `nodes`: feature (-1 leaf), value, and index of the right child from the tree's start. */
export interface ForestModel {
  readonly format: 'guardian-isolation-forest';
  readonly version: string;
  readonly features: readonly string[];
  readonly training: {
    readonly seed: number;
    readonly minutes: number;
    readonly trees: number;
    readonly sample: number;
    readonly traffic: string;
    readonly raw_mean: number;
    readonly raw_max: number;
  };
  /** Raw scores of clean minutes at these tail shares, from common to rare: what calibrates the score. */
  readonly calibration: { readonly tail: readonly number[]; readonly raw: readonly number[] };
  /** Weight of the score in nats of evidence a nat, the most that it may add as a share of the threshold, and what it earned on
   *  streams that it was not learnt from. */
  readonly combine: { readonly weight: number; readonly most: number; readonly held_out: HeldOut };
  readonly norm: number;
  readonly trees: readonly { readonly feature: readonly number[]; readonly value: readonly number[]; readonly right: readonly number[] }[];
}

/** What a forest earned: how well undecided minutes are told apart (mean surprise in nats, less is better), by the counts
 *  alone and with the forest, the gain over its standard error; and what a detector reported on the streams either way. */
export interface HeldOut {
  readonly minutes: number;
  readonly of_incidents: number;
  readonly loss_by_counts: number;
  readonly loss_by_both: number;
  readonly gain_errors: number;
  readonly incidents: number;
  readonly by_counts: DetectionScore;
  readonly by_both: DetectionScore;
}

/** What a detector reported on some streams. `delay`: sum of the minutes until incidents were reported; a missed one counts
 *  with its length. */
export interface DetectionScore {
  caught: number;
  delay: number;
  false_anomalies: number;
}

/** A model ready to score. */
export interface LoadedModel {
  readonly version: string;
  readonly forest: Forest;
  readonly calibration: ForestModel['calibration'];
  readonly combine: Pick<ForestModel['combine'], 'weight' | 'most'>;
}

/** Reads a model from parsed JSON. Throws DETECT_MODEL_INVALID for another format, other features or broken trees. */
export function loadModel(json: unknown): LoadedModel {
  if (!isModel(json)) throw invalid('it is not a guardian-isolation-forest file');
  if (json.features.join() !== FEATURES.join())
    throw invalid(`its features are ${json.features.join(', ')}, expected ${FEATURES.join(', ')}`);
  const roots: number[] = [];
  const feature: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  for (const tree of json.trees) {
    const root = feature.length;
    roots.push(root);
    for (let node = 0; node < tree.feature.length; node++) {
      const split = tree.feature[node] ?? -1;
      const other = tree.right[node] ?? 0;
      if (split >= FEATURES.length || (split >= 0 && (other <= node + 1 || other >= tree.feature.length)))
        throw invalid(`tree ${roots.length} is broken at node ${node}`);
      feature.push(split);
      value.push(tree.value[node] ?? 0);
      right.push(root + other);
    }
  }
  const forest: Forest = {
    roots: Int32Array.from(roots),
    feature: Int8Array.from(feature),
    value: Float32Array.from(value),
    right: Int32Array.from(right),
    norm: json.norm,
  };
  return { version: json.version, forest, calibration: json.calibration, combine: json.combine };
}

/** An ML score below 0.95 says nothing beyond the counts. */
const COMMON_NATS = Math.log(20);

/** Evidence (nats) in an ML score, 0..1, beyond what is common. */
export function commonNats(score: number): number {
  return Math.max(0, -Math.log(Math.max(1e-9, 1 - score)) - COMMON_NATS);
}

/** ML score of a point, 0..1, calibrated: a clean minute scores 1 - a or more with probability a. */
export function mlScore(model: LoadedModel, point: Float64Array): number {
  const raw = scoreForest(model.forest, point);
  const { tail, raw: marks } = model.calibration;
  const first = marks[0] ?? 0.5;
  if (raw <= first) return Math.max(0, Math.min(1, (1 - (tail[0] ?? 1)) * (raw / first)));
  for (let i = 1; i < marks.length; i++) {
    const mark = marks[i] ?? 1;
    if (raw > mark) continue;
    const before = marks[i - 1] ?? 0;
    const part = mark > before ? (raw - before) / (mark - before) : 1;
    return 1 - Math.exp(Math.log(tail[i - 1] ?? 1) * (1 - part) + Math.log(tail[i] ?? 1) * part);
  }
  return 1 - beyond(model, raw);
}

/** Tail share above the rarest mark: exponential, with the slope of the last marks. */
function beyond(model: LoadedModel, raw: number): number {
  const { tail, raw: marks } = model.calibration;
  const last = marks.length - 1;
  const width = Math.max(1e-4, (marks[last] ?? 1) - (marks[last - 1] ?? 0));
  const rate = Math.log((tail[last - 1] ?? 1) / (tail[last] ?? 1)) / width;
  return Math.max(1e-9, (tail[last] ?? 0) * Math.exp(-rate * (raw - (marks[last] ?? 1))));
}

/** Turns a grown forest into the trees of a model file. */
export function treesOf(forest: Forest): ForestModel['trees'] {
  return Array.from(forest.roots, (root, tree) => {
    const end = tree + 1 < forest.roots.length ? atI32(forest.roots, tree + 1) : forest.feature.length;
    const slice = Array.from({ length: end - root }, (_, node) => root + node);
    return {
      feature: slice.map((node) => forest.feature[node] as number),
      value: slice.map((node) => Number(atF32(forest.value, node).toPrecision(4))),
      right: slice.map((node) => Math.max(0, atI32(forest.right, node) - root)),
    };
  });
}

function isModel(json: unknown): json is ForestModel {
  if (typeof json !== 'object' || json === null) return false;
  const model = json as Partial<ForestModel>;
  const hasTrees = Array.isArray(model.trees) && model.trees.length > 0 && Array.isArray(model.features);
  const hasCalibration = Array.isArray(model.calibration?.tail) && model.calibration.tail.length === model.calibration.raw.length;
  return (
    model.format === 'guardian-isolation-forest' &&
    typeof model.version === 'string' &&
    hasTrees &&
    hasCalibration &&
    typeof model.norm === 'number'
  );
}

function invalid(why: string): GuardianError {
  return new GuardianError('DETECT_MODEL_INVALID', `Expected an Isolation Forest made by "guardian train", but ${why}.`);
}
