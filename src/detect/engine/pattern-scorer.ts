import { scorePattern } from '../evidence/calibration.ts';
import { FEATURES, groupFeatures } from '../forest/features.ts';
import { commonNats, mlScore, type LoadedModel } from '../forest/model.ts';
import { at, atI32, atU8, EXPECTED, GROUP_ROWS, type SeriesStore, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** Scores groups with the forest, once a minute each. */
export interface PatternScorer {
  /** As the model was calibrated; 0 while the group is new. */
  readonly raw: (group: number) => number;
  /** Calibrated on the group itself. */
  readonly score: (group: number) => number;
  /** What the raw score adds to evidence near a threshold. */
  readonly nats: (group: number, threshold: number) => number;
  /** Takes a raw score of this minute that is known. */
  readonly know: (group: number, score: number) => void;
  /** The raw scores of this minute that are known. */
  readonly known: () => [group: number, score: number][];
  /** Another minute. */
  readonly clear: () => void;
}

/** What a scorer depends on besides the columns. */
interface Surroundings {
  readonly store: SeriesStore;
  /** Observed to expected total of the fleet in the last minutes. */
  readonly fleetRatio: () => number;
  /** Weight that verdicts give the forest. */
  readonly factor: () => number;
}

export function createPatternScorer({ store, fleetRatio, factor }: Surroundings, model: LoadedModel): PatternScorer {
  const point = new Float64Array(FEATURES.length);
  const known = new Map<number, number>();
  const raw = (group: number): number => {
    const before = known.get(group);
    if (before !== undefined) return before;
    const isReady = atI32(store.ages, group) >= SETTINGS.learningMinutes && atU8(store.seen, group * GROUP_ROWS) === 1;
    const total = group * GROUP_ROWS;
    const ratio = group === 0 ? fleetRatio() : (at(store.counts, total) + 1) / (valueOf(store, total, EXPECTED) + 1);
    groupFeatures(store, group, ratio, point);
    const scored = isReady ? mlScore(model, point) : 0;
    known.set(group, scored);
    return scored;
  };
  return {
    raw,
    score: (group) => (raw(group) === 0 ? 0 : scorePattern(store, group, raw(group))),
    nats: (group, threshold) =>
      !store.parts.forest ? 0 : Math.min(model.combine.most * threshold, factor() * model.combine.weight * commonNats(raw(group))),
    know: (group, score) => void known.set(group, score),
    known: () => [...known],
    clear: () => known.clear(),
  };
}
