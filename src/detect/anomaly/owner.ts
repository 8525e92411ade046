import type { LifecycleMinute } from './lifecycle-minute.ts';
import { countZ } from '../evidence/evidence.ts';
import { explainRow } from './explain.ts';
import type { Episode } from './episode.ts';
import { rowsApart } from './apart.ts';
import { statusOfSignal } from './reported.ts';
import { tailNats } from '../series/normal.ts';
import { at, atI32, atU8, groupNamed, RING, rowOf, type SeriesStore, SLOW_NATS, SPREAD, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { directionOf, recent, type Signal } from '../series/signal.ts';

/** Part of the evidence from which it is slow. */
const SLOW_SHARE = 0.5;
/** Part of the threshold of the fleet below which the rest of it is calm. */
const CALM_SHARE = 0.3;

/** The merchant or acquirer in which a signal of the fleet lies, when it is over the threshold by itself: its figures, and not those of
 *  everybody, belong beside its name. Null where nobody alone explains the signal. */
export function ownerOf(store: SeriesStore, open: readonly Episode[], signal: Signal, minute: LifecycleMinute): number | null {
  if (signal.family === 'spike' || signal.run > RING) return null;
  const { row: whole, family, run } = signal;
  const apart = rowsApart(store, open, { scope: 0 }, whole);
  const slice = explainRow(store, minute.slices, { row: whole, family, minute: minute.number, run, apart });
  if (slice.share < SETTINGS.nameShare) return null;
  const group = groupNamed(store, 'merchant', slice.merchant_id) ?? groupNamed(store, 'acquirer', slice.acquirer);
  if (group === undefined || atI32(store.ages, group) < SETTINGS.learningMinutes) return null;
  // A slow fall is anybody's: chance decides who shows it first.
  if (valueOf(store, signal.row, SLOW_NATS) >= SLOW_SHARE * signal.nats) return null;
  const status = statusOfSignal(store, signal);
  const row = rowOf(group, status);
  if (atU8(store.seen, row) === 0) return null;
  const own = recent(store, row, minute.number, signal.run);
  const z = directionOf(signal.family) * countZ(own.observed, own.expected, Math.max(1, valueOf(store, row, SPREAD)));
  if (z <= 0 || tailNats(z) < at(minute.thresholds, atU8(store.kinds, group))) return null;
  return isRestCalm(store, signal, row, rowOf(0, status), minute) ? group : null;
}

/** Without the part nothing is on its way in the fleet. */
function isRestCalm(store: SeriesStore, { family, run }: Signal, part: number, fleet: number, minute: LifecycleMinute): boolean {
  const sign = directionOf(family);
  return [run, RING].every((minutes) => {
    const all = recent(store, fleet, minute.number, minutes);
    const own = recent(store, part, minute.number, minutes);
    const usual = Math.max(0.01, all.expected - own.expected);
    const z = sign * countZ(Math.max(0, all.observed - own.observed), usual, Math.max(1, valueOf(store, fleet, SPREAD)));
    return z <= 0 || tailNats(z) < CALM_SHARE * at(minute.thresholds, 0);
  });
}
