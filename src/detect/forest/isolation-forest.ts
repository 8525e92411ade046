import { at, atF32, atI32 } from '../series/series-store.ts';
import type { SeededNumbers } from './random.ts';

/** Trees in preorder, flattened: the left child of a node is the next one, `right` points to the other. A leaf has
 *  feature -1 and its path length (depth + mean depth of what is left) as value. */
export interface Forest {
  readonly roots: Int32Array;
  readonly feature: Int8Array;
  readonly value: Float32Array;
  readonly right: Int32Array;
  /** Mean path length of an unsuccessful search among `sample` points. */
  readonly norm: number;
}

export interface GrowOptions {
  readonly trees: number;
  /** Points a tree is grown on. */
  readonly sample: number;
  readonly random: SeededNumbers;
}

/** Grows an Isolation Forest (Liu, Ting and Zhou, 2008) on points of equal length. The same points and seed give the
 *  same forest. */
export function growForest(points: readonly Float64Array[], options: GrowOptions): Forest {
  const { trees, random } = options;
  const sample = Math.min(options.sample, points.length);
  const limit = Math.ceil(Math.log2(Math.max(2, sample)));
  const nodes: { feature: number; value: number; right: number }[] = [];
  const roots: number[] = [];
  for (let tree = 0; tree < trees; tree++) {
    roots.push(nodes.length);
    const chosen: Float64Array[] = [];
    for (let i = 0; i < sample; i++) chosen.push(points[random.below(points.length)] as Float64Array);
    growNode(chosen, 0);
  }

  function growNode(inside: readonly Float64Array[], depth: number): void {
    const split = depth < limit && inside.length > 1 ? chooseSplit(inside, random) : null;
    const node = { feature: -1, value: depth + meanPath(inside.length), right: 0 };
    nodes.push(node);
    if (split === null) return;
    node.feature = split.feature;
    node.value = split.threshold;
    growNode(
      inside.filter((point) => at(point, split.feature) < split.threshold),
      depth + 1,
    );
    node.right = nodes.length;
    growNode(
      inside.filter((point) => at(point, split.feature) >= split.threshold),
      depth + 1,
    );
  }

  return {
    roots: Int32Array.from(roots),
    feature: Int8Array.from(nodes, (node) => node.feature),
    value: Float32Array.from(nodes, (node) => node.value),
    right: Int32Array.from(nodes, (node) => node.right),
    norm: meanPath(sample),
  };
}

/** Anomaly score of a point, 0..1: 2^(-mean path / norm); about 0.5 for an ordinary point. */
export function scoreForest(forest: Forest, point: Float64Array): number {
  const { roots, feature, value, right, norm } = forest;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) {
    let node = atI32(roots, tree);
    for (let split = feature[node] as number; split >= 0; split = feature[node] as number) {
      node = at(point, split) < atF32(value, node) ? node + 1 : atI32(right, node);
    }
    sum += atF32(value, node);
  }
  return 2 ** (-sum / (roots.length * norm));
}

function chooseSplit(inside: readonly Float64Array[], random: SeededNumbers): { feature: number; threshold: number } | null {
  const width = inside[0]?.length ?? 0;
  const start = random.below(width);
  for (let step = 0; step < width; step++) {
    const feature = (start + step) % width;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const point of inside) {
      least = Math.min(least, at(point, feature));
      most = Math.max(most, at(point, feature));
    }
    if (most - least < 1e-9) continue;
    // The model file keeps 4 digits; the split is the rounded one, so that both are the same forest.
    const threshold = Math.fround(Number((least + random.next() * (most - least)).toPrecision(4)));
    if (threshold > least && threshold <= most) return { feature, threshold };
  }
  return null;
}

/** Mean path length of an unsuccessful search in a binary tree of `count` points. */
function meanPath(count: number): number {
  if (count <= 1) return 0;
  return 2 * (Math.log(count - 1) + 0.5772156649) - (2 * (count - 1)) / count;
}
