import type { Anomaly, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import { isCode } from '../series/code-status.ts';
import {
  atU8,
  GROUP_ROWS,
  groupOfRow,
  kindOfGroup,
  nodeOfRow,
  RING,
  rowOf,
  type SeriesStore,
  SPREAD,
  statusOfRow,
  valueOf,
} from '../series/series-store.ts';
import { recent } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';
import { sumOfRows, usual } from './excess-sums.ts';
import { askMerchants } from './merchant-answers.ts';
import { findSlice, tableCandidates, type SliceCandidate, type ExplainingSlice, type Whole } from '../slices/find-slice.ts';
import { dimensionsOfSlice, sliceOfDimensions } from '../slices/slice-key.ts';
import { CLASS_STATUSES, classOf, type SliceTable } from '../slices/slice-table.ts';

/** Share of the excess from which a code is named. */
const NAMED_SHARE = 0.6;
interface Part {
  readonly id: string;
  readonly share: number;
}

/** What is to be explained: a row, its bad direction, and the minutes of its run up to `minute`. */
export interface Excess {
  readonly row: number;
  readonly family: Family;
  readonly minute: number;
  readonly run: number;
  /** Rows that count a part of this one, and are reported by anomalies of their own: they neither name the excess nor count in it. */
  readonly apart?: readonly number[];
}

/** The smallest slice that explains what a row shows: its own, narrowed by the code that carries at least 60 % of the excess and
 *  by the place (acquirer, merchant, payment method, BIN range, or two of these) that `findSlice` names. `share`: the part of
 *  the excess that what is named carries. */
export function explainRow(store: SeriesStore, slices: SliceTable, of: Excess): Anomaly['slice'] {
  const { kind: _kind, ...own } = nodeOfRow(store, of.row);
  const excess = excessOf(store, of.row, of);
  if (excess <= 0 || of.family === 'spike') return { ...own, share: 1 };
  const code = of.family === 'volume' || own.auth_code !== undefined ? null : largestCode(store, of, excess - codesApart(store, of));
  const place = placeOf(store, slices, of);
  const slice: Slice = {
    ...own,
    ...(code === null ? {} : { auth_code: code.id }),
    ...(place === null ? {} : sliceOfDimensions(place.dimensions)),
  };
  return { ...slice, share: Math.round(Math.min(1, code?.share ?? 1, place?.share ?? 1) * 1000) / 1000 };
}

/** Deviation of a row in its bad direction over the run: transactions too many, or too few. */
function excessOf(store: SeriesStore, row: number, { family, minute, run }: Excess): number {
  const past = recent(store, row, minute, run);
  if (family !== 'volume') return past.observed - past.expected;
  return usual(store, row) * past.minutes - past.observed;
}

function largestCode(store: SeriesStore, of: Excess, excess: number): Part | null {
  let best: Part | null = null;
  for (const [id, group] of store.index.auth_code) {
    const row = group * GROUP_ROWS;
    if (atU8(store.healthy, group) === 1 || atU8(store.seen, row) === 0 || of.apart?.includes(row) === true) continue;
    const share = Math.min(excessOf(store, row, of), endedSo(store, row, of)) / excess;
    if (share > (best?.share ?? 0)) best = { id, share: Math.min(1, share) };
  }
  return best !== null && best.share >= NAMED_SHARE ? best : null;
}

/** Excess of the codes that have an anomaly of their own. */
function codesApart(store: SeriesStore, of: Excess): number {
  const codes = (of.apart ?? []).filter((row) => isCode(store, row));
  return codes.reduce((sum, row) => sum + Math.max(0, excessOf(store, row, of)), 0);
}

/** Transactions of a code that ended with the status of a row, in its run: no more of them can be the excess. */
function endedSo(store: SeriesStore, code: number, { row, minute, run }: Excess): number {
  const status = statusOfRow(row);
  if (status === '') return Number.POSITIVE_INFINITY;
  const sums = STATUSES.map((one) => recent(store, code + rowOf(0, one), minute, run).observed);
  // A breakdown by code alone does not say how they ended.
  return sums.every((sum) => sum === 0) ? Number.POSITIVE_INFINITY : (sums[STATUSES.indexOf(status)] ?? 0);
}

/** Where an excess is: the slice of the traffic that it is in and the rest is not. */
function placeOf(store: SeriesStore, slices: SliceTable, of: Excess): ExplainingSlice | null {
  const group = groupOfRow(of.row);
  const kind = kindOfGroup(store, group);
  const status = statusOfRow(of.row);
  const isCode = kind === 'auth_code';
  // What breaks in a volume is its approved part.
  const outcomes = isCode ? [1, 2, 3] : [of.family === 'volume' || status === '' ? 0 : classOf(status)];
  const rowsOf = (other: number): number[] =>
    isCode ? [other * GROUP_ROWS] : outcomes.flatMap((outcome) => (CLASS_STATUSES[outcome] ?? []).map((one) => rowOf(other, one)));
  const apart = [...new Set((of.apart ?? []).map(groupOfRow))].filter((other) => kindOfGroup(store, other) !== 'auth_code');
  const rest = sumOfRows(store, disjoint(store, apart).flatMap(rowsOf), of);
  const all = sumOfRows(store, rowsOf(group), of);
  const own = { observed: Math.max(0, all.observed - rest.observed), expected: Math.max(0, all.expected - rest.expected) };
  const whole: Whole = {
    key: dimensionsOfSlice(sliceOfGroup(store, group)).join('\t'),
    outcomes,
    sign: of.family === 'volume' ? -1 : 1,
    observed: own.observed,
    expected: own.expected,
    spread: valueOf(store, of.row, SPREAD),
    minute: of.minute,
    minutes: Math.min(of.run, RING),
  };
  const parts = kind === 'fleet' ? partCandidates(store, of, whole, rowsOf, apart) : [];
  if (apart.length > 0) {
    // What other slices have of the rest is not known: they may only explain all of it.
    const entire: Whole = { ...whole, observed: all.observed, expected: all.expected };
    const others = tableCandidates(slices, entire, (dimension) => /^[am]=/.test(dimension));
    return (
      findSlice(
        entire,
        others.filter(({ dimensions }) => !dimensions.some((dimension) => /^[am]=/.test(dimension))),
      ) ?? findSlice(whole, parts)
    );
  }
  const known = new Set(parts.map(({ dimensions }) => dimensions[0]));
  return findSlice(whole, [...parts, ...tableCandidates(slices, whole, (dimension) => known.has(dimension))]);
}

/** Acquirers and merchants, of which there are better numbers than of other slices. */
function partCandidates(
  store: SeriesStore,
  of: Excess,
  whole: Whole,
  rowsOf: (group: number) => number[],
  apart: readonly number[],
): SliceCandidate[] {
  const found: SliceCandidate[] = [];
  const all = Math.max(1e-9, usual(store, 0));
  // The only merchant or acquirer there is explains nothing by being named.
  if (store.index.acquirer.size >= 2) {
    for (const [id, group] of store.index.acquirer) {
      if (apart.includes(group)) continue;
      const { observed, expected } = sumOfRows(store, rowsOf(group), of);
      if (whole.sign * (observed - expected) <= 0) continue;
      found.push({ dimensions: [`a=${id}`], observed, expected, traffic: usual(store, group * GROUP_ROWS) / all });
    }
  }
  if (store.index.merchant.size < 2) return found;
  const { family, minute, run } = of;
  for (const { group, figures } of askMerchants(store, { about: 'excess', rows: rowsOf(0), family, minute, run, sign: whole.sign })) {
    if (apart.includes(group)) continue;
    const [observed = 0, expected = 0, total = 0] = figures;
    found.push({ dimensions: [`m=${store.ids[group] ?? ''}`], observed, expected, traffic: total / all });
  }
  return found;
}

/** Acquirers or merchants, whichever are more: the ones have transactions of the others. */
function disjoint(store: SeriesStore, groups: readonly number[]): number[] {
  const [acquirers = [], merchants = []] = (['acquirer', 'merchant'] as const).map((kind) =>
    groups.filter((group) => kindOfGroup(store, group) === kind),
  );
  const traffic = (some: readonly number[]): number => some.reduce((sum, group) => sum + usual(store, group * GROUP_ROWS), 0);
  return traffic(acquirers) >= traffic(merchants) ? acquirers : merchants;
}

function sliceOfGroup(store: SeriesStore, group: number): Slice {
  const { kind: _kind, ...slice } = nodeOfRow(store, group * GROUP_ROWS);
  return slice;
}
