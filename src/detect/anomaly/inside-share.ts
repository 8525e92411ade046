import { isCode, statusOfCode } from '../series/code-status.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { kindOfGroup, RING, type SeriesStore, statusOfRow } from '../series/series-store.ts';
import { directionOf, recent, type Signal } from '../series/signal.ts';
import { insideOf } from '../slices/inside-of.ts';

/** Part of an excess that must lie in a place for the place to explain it. */
export const INSIDE_SHARE = 0.5;
/** Pairs of merchants and acquirers up to which windows carry them all (`slice-counts.ts`). */
const PAIRS_MOST = 120;

export const ownPlace = (store: SeriesStore, scope: number): string =>
  `${kindOfGroup(store, scope) === 'merchant' ? 'm' : 'a'}=${store.ids[scope] ?? ''}`;

/** Part of a signal's excess that lies in a place; null where the slices do not say. Of a place of two dimensions whose meeting with the
 *  scope is not counted it is what must lie in both. */
export function shareInside(
  store: SeriesStore,
  minute: LifecycleMinute,
  scope: number,
  signal: Signal,
  place: readonly string[],
): number | null {
  const whole = plainShare(store, minute, scope, signal, place);
  if (whole !== null || place.length === 1) return whole;
  const shares = place.map((dimension) => plainShare(store, minute, scope, signal, [dimension]));
  return shares.reduce((sum, share) => (sum === null || share === null ? null : sum + Math.min(1, share) - 1), 1);
}

function plainShare(
  store: SeriesStore,
  { slices, number }: LifecycleMinute,
  scope: number,
  signal: Signal,
  place: readonly string[],
): number | null {
  const run = Math.min(signal.run, RING);
  const all = recent(store, signal.row, number, run);
  const sign = directionOf(signal.family);
  const excess = sign * (all.observed - all.expected);
  const inside = insideOf(slices, {
    key: scope === 0 ? '' : ownPlace(store, scope),
    place,
    status: isCode(store, signal.row) ? statusOfCode(store, signal.row) : statusOfRow(signal.row),
    expected: all.expected,
    minute: number,
    minutes: run,
    isComplete: store.index.merchant.size * store.index.acquirer.size <= PAIRS_MOST,
  });
  if (inside === null || excess <= 0) return null;
  return (sign * (inside.observed - inside.expected)) / excess;
}
