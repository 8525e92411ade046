import { at, atF32, RING, ringSlot } from '../series/series-store.ts';
import { CLASSES, type SliceTable } from './slice-table.ts';

/** Share of the excess that a slice must explain to be named (Adtributor, NSDI 2014: explanatory power of 67 %). */
const EXPLAINS = 0.67;
/** A pair is named when it explains nearly as much as the best single dimension with clearly less traffic (succinctness). */
const PAIR_LOSES = 0.1;
const PAIR_TRAFFIC = 0.75;
const PAIR_NATS = 3;
/** Evidence (nats) beyond chance among the candidates that a slice differs from the rest. */
const SURE_NATS = 3;
/** Transactions whose share of a single outcome is taken to be that of all outcomes. */
const PRIOR = 20;
/** Minutes before which a slice that came new is not taken to be usual. */
const NEW_MINUTES = 15;
/** Digits of a card range: several neighbouring BINs. */
const RANGE_DIGITS = [5, 4, 3, 2] as const;

/** A slice that may explain an excess. `traffic`: its usual share of the whole, 0..1. */
export interface SliceCandidate {
  readonly dimensions: readonly string[];
  readonly observed: number;
  readonly expected: number;
  readonly traffic: number;
}

/** The whole that deviates, over some minutes up to `minute`. */
export interface Whole {
  /** Key of its own dimension; '' for everything. */
  readonly key: string;
  /** Outcomes that deviate. */
  readonly outcomes: readonly number[];
  readonly sign: 1 | -1;
  readonly observed: number;
  readonly expected: number;
  /** Variance over mean of its counts. */
  readonly spread: number;
  readonly minute: number;
  readonly minutes: number;
}

/** A named slice and the part of the excess that it explains, 0..1. */
export interface ExplainingSlice {
  readonly dimensions: readonly string[];
  readonly share: number;
}

/** The smallest slice that explains the excess: of those that explain two thirds, the one in which counts differ most from the
 *  rest (log-likelihood ratio of inside against outside: Kulldorff, A spatial scan statistic, 1997). Single dimensions
 *  first; null when the excess is spread like the traffic. */
export function findSlice(whole: Whole, candidates: readonly SliceCandidate[]): ExplainingSlice | null {
  const excess = whole.sign * (whole.observed - whole.expected);
  if (excess <= 0) return null;
  const judged = candidates.flatMap((candidate) => {
    const share = (whole.sign * (candidate.observed - candidate.expected)) / excess;
    return share < EXPLAINS ? [] : [{ candidate, share, nats: insideNats(whole, candidate) / Math.max(1, whole.spread) }];
  });
  const least = SURE_NATS + Math.log(Math.max(1, candidates.length));
  const best = (length: number) => {
    const own = judged.filter(({ candidate, nats }) => candidate.dimensions.length === length && nats >= least);
    return own.sort((a, b) => b.nats - a.nats || longer(b.candidate, a.candidate))[0];
  };
  const one = best(1);
  const two = best(2);
  const isPair =
    two !== undefined &&
    (one === undefined ||
      (two.share >= one.share - PAIR_LOSES &&
        two.nats >= one.nats + PAIR_NATS &&
        two.candidate.traffic <= PAIR_TRAFFIC * one.candidate.traffic));
  const named = isPair ? two : one;
  return named === undefined ? null : { dimensions: named.candidate.dimensions, share: Math.min(1, named.share) };
}

const longer = (a: SliceCandidate, b: SliceCandidate): number => a.dimensions.join().length - b.dimensions.join().length;

/** Evidence (nats) that inside a slice more (or less) came than its part of the whole; 0 in the other direction. */
function insideNats({ observed: all, expected: usual, sign }: Whole, { observed, expected }: SliceCandidate): number {
  const inside = (all * Math.min(expected, usual)) / Math.max(1e-9, usual);
  if (sign * (observed - inside) <= 0) return 0;
  return observedNats(observed, inside) + observedNats(Math.max(0, all - observed), all - inside);
}

const observedNats = (observed: number, expected: number): number =>
  observed <= 0 ? 0 : observed * Math.log(observed / Math.max(1e-9, expected));

/** Candidates of the table inside a whole: slices of one and two further dimensions, and ranges of neighbouring BINs. Empty when
 *  a minute of the run came without slices. `isKnown`: dimensions that the caller has better numbers of. */
export function tableCandidates(table: SliceTable, whole: Whole, isKnown: (dimension: string) => boolean): SliceCandidate[] {
  const parent = table.index.get(whole.key);
  if (parent === undefined || !isCovered(table, whole)) return [];
  const found: SliceCandidate[] = [];
  const usualOf = (entry: number): number => usualShare(table, entry, whole.outcomes);
  const parentShare = Math.max(1e-12, usualOf(parent));
  const parentTraffic = Math.max(1e-12, trafficShare(table, parent));
  for (let entry = 1; entry < table.keys.length; entry++) {
    const dimensions = inner(table.dimensions[entry] ?? [], whole.key);
    if (dimensions === null || (dimensions.length === 1 && isKnown(dimensions[0] ?? ''))) continue;
    found.push({
      dimensions,
      observed: observedOf(table, entry, whole),
      expected: (whole.expected * usualOf(entry)) / parentShare,
      traffic: trafficShare(table, entry) / parentTraffic,
    });
  }
  return [...found, ...ranges(found)];
}

/** What a key adds to the dimension of the whole; null when it is not inside or says nothing more. Codes are told apart from
 *  places: a code is a place only for itself. */
function inner(dimensions: readonly string[], key: string): readonly string[] | null {
  const rest = dimensions.filter((dimension) => dimension !== key);
  if (rest.length === 0 || (key !== '' && rest.length === dimensions.length)) return null;
  return rest.some((dimension) => dimension.startsWith('c=')) ? null : rest;
}

/** True when every minute came with slices. */
export function isCovered(table: SliceTable, { minute, minutes }: Pick<Whole, 'minute' | 'minutes'>): boolean {
  for (let back = 0; back < minutes; back++) if (table.covered[ringSlot(minute - back)] !== 1) return false;
  return true;
}

/** Counts of a slice over some minutes. */
export function observedOf(
  table: SliceTable,
  entry: number,
  { minute, minutes, outcomes }: Pick<Whole, 'minute' | 'minutes' | 'outcomes'>,
): number {
  let sum = 0;
  for (let back = 0; back < minutes; back++) {
    const cell = (entry * RING + ringSlot(minute - back)) * CLASSES;
    for (const outcome of outcomes) sum += atF32(table.ring, cell + outcome);
  }
  return sum;
}

/** Usual share of everything that a slice has in some outcomes, shrunk to its share of all outcomes. */
export function usualShare(table: SliceTable, entry: number, outcomes: readonly number[]): number {
  let count = 0;
  let base = 0;
  for (const outcome of outcomes) {
    count += at(table.counts, entry * CLASSES + outcome);
    base += at(table.base, entry * CLASSES + outcome);
  }
  return (count + PRIOR * trafficShare(table, entry)) / (base + PRIOR);
}

function trafficShare(table: SliceTable, entry: number): number {
  let count = 0;
  let base = 0;
  for (let place = entry * CLASSES; place < (entry + 1) * CLASSES; place++) {
    count += at(table.counts, place);
    base += at(table.base, place);
  }
  const age = at(table.ages, entry);
  return base <= 0 ? 0 : ((count / base) * age) / (age + NEW_MINUTES);
}

/** Ranges of several BINs that begin alike, beside the same other dimension. */
function ranges(found: readonly SliceCandidate[]): SliceCandidate[] {
  const sums = new Map<string, { dimensions: readonly string[]; observed: number; expected: number; traffic: number; parts: number }>();
  for (const { dimensions, observed, expected, traffic } of found) {
    const place = dimensions.findIndex((dimension) => dimension.startsWith('b='));
    if (place < 0) continue;
    for (const digits of RANGE_DIGITS) {
      const wide = dimensions.with(place, (dimensions[place] ?? '').slice(0, 2 + digits));
      const key = wide.join('\t');
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { dimensions: wide, observed, expected, traffic, parts: 1 });
      else {
        sum.observed += observed;
        sum.expected += expected;
        sum.traffic += traffic;
        sum.parts++;
      }
    }
  }
  return [...sums.values()].filter(({ parts }) => parts > 1);
}
