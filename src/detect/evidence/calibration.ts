import { devianceZ } from './evidence.ts';
import { quantileOfNats, tailNats } from '../series/normal.ts';
import {
  at,
  atI32,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  LOW,
  NATS,
  SKETCH,
  type SeriesStore,
  SPREAD,
  STRIDE,
  valueOf,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf, familyOfRow } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';
import { noteEvidence, tailOfEvidence } from '../series/tail-sketch.ts';

/** Rows of one class have about the same number of transactions expected a minute: less than each of these, or more. */
const BANDS = [0.03, 0.3, 3, 30] as const;
/** Volumes are 0, adverse statuses 1, scores of the forest are 2. */
const FOREST_ROLE = 2;
/** Groups besides the fleet that one minute teaches, in turn: the work a minute does not grow with the company. */
const TAUGHT = 8;

/** Part of the weaker one of two kinds of evidence that counts beside the stronger one, and its most (nats). */
const TIE_SHARE = 0.3;
const TIE_MOST = 5;

/** What a row shows in this minute. `z`: signed normal quantile of `p`; `p`: chance of a clean minute at least as far from
 *  what is expected, to either side. */
export interface RowScore {
  readonly z: number;
  readonly p: number;
}

/** Scores a row by how rare its evidence is among its own clean minutes. */
export function scoreRow(store: SeriesStore, row: number, family: Family = familyOfRow(store, row)): RowScore {
  const evidence = evidenceOfRow(store, row, family);
  const ofClass = classOf(valueOf(store, row, EXPECTED), row % GROUP_ROWS < 2 ? 0 : 1);
  const nats = tailOfEvidence(store.sketches, row * SKETCH, store.classSketches, ofClass, Math.abs(evidence));
  return { z: Math.sign(evidence) * quantileOfNats(nats + Math.LN2), p: Math.exp(-nats) };
}

/** ML score of a group, 0..1, from the one that the model was calibrated with: a clean minute of this group has 1 - a or
 *  more with probability a. */
export function scorePattern(store: SeriesStore, group: number, mlScore: number): number {
  const ofClass = classOf(valueOf(store, group * GROUP_ROWS, EXPECTED), FOREST_ROLE);
  return 1 - Math.exp(-tailOfEvidence(store.patternSketches, group * SKETCH, store.classSketches, ofClass, patternNats(mlScore)));
}

/** Teaches a clean minute: the fleet and, in turn, the other groups; not those with an open anomaly. `number`: minutes since
 *  the epoch. `mlScore`: score of the model by group. */
export function learnCalibration(store: SeriesStore, number: number, mlScore: (group: number) => number): void {
  if (atU8(store.frozen, 0) === 1) return;
  learnGroup(store, 0, mlScore);
  for (const group of taughtGroups(store, number)) learnGroup(store, group, mlScore);
}

/** The groups besides the fleet that a minute teaches. */
export function taughtGroups(store: SeriesStore, number: number): number[] {
  const others = store.groups - 1;
  return Array.from({ length: Math.min(TAUGHT, others) }, (_, step) => 1 + ((number * TAUGHT + step) % others));
}

function learnGroup(store: SeriesStore, group: number, mlScore: (group: number) => number): void {
  if (atU8(store.frozen, group) === 1 || atI32(store.ages, group) <= SETTINGS.learningMinutes) return;
  const first = group * GROUP_ROWS;
  for (let row = first; row < first + GROUP_ROWS; row++) {
    if (atU8(store.seen, row) === 0) continue;
    const nats = Math.abs(evidenceOfRow(store, row, familyOfRow(store, row)));
    noteEvidence(store.sketches, row * SKETCH, nats);
    noteEvidence(store.classSketches, classOf(valueOf(store, row, EXPECTED), row % GROUP_ROWS < 2 ? 0 : 1), nats);
  }
  const score = mlScore(group);
  if (score === 0) return;
  noteEvidence(store.patternSketches, group * SKETCH, patternNats(score));
  noteEvidence(store.classSketches, classOf(valueOf(store, first, EXPECTED), FOREST_ROLE), patternNats(score));
}

/** Evidence of a row in nats of one tail, at least ln 2, with the sign of its deviation: of the minute by itself or what it
 *  gathered, the stronger one and a little of the other. */
function evidenceOfRow(store: SeriesStore, row: number, family: Family): number {
  const f = store.values;
  const o = row * STRIDE;
  const count = at(store.counts, row);
  const expected = at(f, o + EXPECTED);
  const low = row % GROUP_ROWS < 2 ? Math.min(at(f, o + LOW), expected) : expected;
  // Between the two levels of a volume nothing is wrong.
  const z = devianceZ(count, Math.min(Math.max(count, low), expected), Math.max(1, at(f, o + SPREAD)));
  const minute = tailNats(Math.abs(z));
  const gathered = at(f, o + NATS);
  if (family === 'spike') return z < 0 ? -minute : minute;
  const side = directionOf(family);
  if (side * z < 0) return gathered > minute ? side * gathered : -side * minute;
  // What came before tells equal counts apart: without it, small counts make steps that no level falls on.
  return side * (Math.max(gathered, minute) + TIE_SHARE * Math.min(gathered, minute, TIE_MOST));
}

function classOf(expected: number, role: number): number {
  let band = 0;
  while (band < BANDS.length && expected >= (BANDS[band] as number)) band++;
  return (role * (BANDS.length + 1) + band) * SKETCH;
}

const patternNats = (mlScore: number): number => Math.LN2 - Math.log(Math.max(1e-9, 1 - mlScore));
