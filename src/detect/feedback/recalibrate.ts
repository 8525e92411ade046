import { setEvidence } from '../evidence/row-minute.ts';
import { at, atU8, GROUP_ROWS, groupNamed, NATS, type SeriesStore, STRIDE, UP, valueOf } from '../series/series-store.ts';
import { scopeOf } from '../anomaly/episode.ts';
import { familyOfRow } from '../series/signal.ts';
import type { ThresholdEffect } from './effect.ts';

/** One judged minute, before anything is reported. */
export interface JudgedMinute {
  /** Minutes since the epoch. */
  readonly number: number;
  /** Evidence (nats) that opens an anomaly, by kind of group. */
  readonly thresholds: Float64Array;
  /** Rows over their threshold, in row order. Changed in place. */
  readonly candidates: number[];
  /** Rows that a verdict suppresses although they deviate. Filled here. */
  readonly suppressed: number[];
}

/** Moves the thresholds of the judged nodes: evidence counts as if the threshold of its kind were higher or lower by the shift, so that
 *  1.0 of the threshold opens an anomaly for every node alike. */
export function shiftThresholds(store: SeriesStore, effects: readonly ThresholdEffect[], minute: JudgedMinute): void {
  const candidateRows = new Set(minute.candidates);
  const before = candidateRows.size;
  let isChanged = false;
  for (const { kind, id, family, shift } of effects) {
    const group = groupNamed(store, kind, id);
    if (group === undefined || shift === 0) continue;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) {
      const isOwn = family === 'spike' ? row % GROUP_ROWS === 0 : familyOfRow(store, row) === family;
      if (!isOwn || atU8(store.seen, row) === 0) continue;
      const threshold = at(minute.thresholds, atU8(store.kinds, scopeOf(store, row)));
      if (family !== 'spike') setEvidence(store.values, row * STRIDE, (valueOf(store, row, NATS) * threshold) / (threshold + shift));
      const grows = row % GROUP_ROWS === 0 && valueOf(store, row, UP + 1) >= threshold + (family === 'spike' ? shift : 0);
      isChanged = true;
      if (valueOf(store, row, NATS) >= threshold || grows) candidateRows.add(row);
      else candidateRows.delete(row);
    }
  }
  if (isChanged || before !== candidateRows.size) keepCandidates(minute, candidateRows);
}

/** Leaves these rows over their threshold, in row order. */
export function keepCandidates(minute: JudgedMinute, rows: ReadonlySet<number>): void {
  minute.candidates.splice(0, minute.candidates.length, ...[...rows].sort((a, b) => a - b));
}
