import type { Status } from '@transaction-guardian/contracts/status.ts';
import { isCode, statusOfCode } from '../series/code-status.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { atF32, kindOfGroup, RING, ringSlot, rowOf, type SeriesStore, statusOfRow } from '../series/series-store.ts';
import { directionOf, recent, type Signal } from '../series/signal.ts';
import { insideOf } from '../slices/inside-of.ts';
import { CLASS_STATUSES, classOf } from '../slices/slice-table.ts';

/** Part of an excess that must lie in a place for the place to explain it. */
export const INSIDE_SHARE = 0.5;

export const ownPlace = (store: SeriesStore, scope: number): string =>
  `${kindOfGroup(store, scope) === 'merchant' ? 'm' : 'a'}=${store.ids[scope] ?? ''}`;

/** Part of a signal's excess that lies in a place; null where the slices do not say whether that is enough to explain it. Of a place of two
 *  dimensions whose meeting with the scope is not counted it is what must lie in both. */
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
  const status = isCode(store, signal.row) ? statusOfCode(store, signal.row) : statusOfRow(signal.row);
  const statuses: readonly (Status | '')[] = status === '' ? [''] : (CLASS_STATUSES[classOf(status)] ?? []);
  const rows = isCode(store, signal.row) ? [signal.row] : statuses.map((one) => rowOf(scope, one));
  const inside = insideOf(slices, {
    key: scope === 0 ? '' : ownPlace(store, scope),
    place,
    status,
    expected: all.expected,
    minute: number,
    minutes: run,
    wholeAt: (back) => rows.reduce((sum, row) => sum + Math.max(0, atF32(store.ring, row * RING + ringSlot(number - back))), 0),
  });
  if (inside === null || excess <= 0) return null;
  const { observed, expected } = inside;
  const [low, high] =
    sign > 0
      ? [observed.least - expected.most, observed.most - expected.least]
      : [expected.least - observed.most, expected.most - observed.least];
  if (low < INSIDE_SHARE * excess && high >= INSIDE_SHARE * excess) return null;
  return Math.min(high, Math.max(low, sign * (observed.likely - expected.likely))) / excess;
}
