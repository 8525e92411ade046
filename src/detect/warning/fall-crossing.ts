import { slowFallNats } from '../evidence/judge-volume.ts';
import { atF32, atU16, type SeriesStore, SLOW_DOWN, SLOW_NATS, SUMS, UP, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { crossingOf, shareAtEnd, SOONEST_MINUTES, type Crossing } from './crossing.ts';

/** Minutes after which a fall is no dip by late rows, which rebounds in the next minute. */
const LEAST_MINUTES = 3;
const RUN = SLOW_DOWN - UP;

/** When a slow fall of a volume crosses its threshold: by the line through its evidence of the last minutes (`shares`, from `from` on),
 *  or because it is clear already and only waits for the shortest time after which a slow fall is reported. */
export function fallCrossing(shares: Float64Array, from: number, store: SeriesStore, row: number, threshold: number): Crossing | null {
  return crossingOf(shares, from) ?? heldCrossing(shares, from, store, row, threshold);
}

function heldCrossing(shares: Float64Array, from: number, store: SeriesStore, row: number, threshold: number): Crossing | null {
  const past = atU16(store.runs, row * SUMS + RUN);
  const minutes = SETTINGS.slowLeastMinutes - past;
  if (past < LEAST_MINUTES || minutes < SOONEST_MINUTES) return null;
  const share = valueOf(store, row, SLOW_NATS) / threshold;
  const isHeld = share > 0.999 * (past / SETTINGS.slowLeastMinutes);
  const usual = atF32(store.masses, row * SUMS + RUN) / past;
  return isHeld && slowFallNats(store, row, usual) >= threshold ? { minutes, share, strength: shareAtEnd(shares, from) } : null;
}
