import { isVolume } from '../expect/day-variance.ts';
import { clearSums } from '../evidence/sequential-sum.ts';
import { addUncertainty, widenLevel } from '../series/level.ts';
import { atU8, GROUP_ROWS, isHere, LEVEL_A, RING, ringSlot, type SeriesStore, STRIDE } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';

/** What the time before a minute does to every group. Plain data. */
export interface PassedTime {
  /** Minutes since the epoch, and minutes without a window before it. */
  readonly number: number;
  readonly gap: number;
  /** Levels get less certain by the gap, and evidence that was gathered before it is void. */
  readonly isVoid: boolean;
  /** What a new local day adds to the variance of the logarithm of the volumes' levels; null on the same day. */
  readonly day: number | null;
}

/** Lets time pass for the groups of a store. */
export function passGroups(store: SeriesStore, { number, gap, isVoid, day }: PassedTime): void {
  for (let group = 0; group < store.groups; group++) {
    if (!isHere(store, group)) continue;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) {
      for (let back = 1; back <= Math.min(gap, RING); back++) store.ring[row * RING + ringSlot(number - back)] = -1;
      if (isVoid && atU8(store.seen, row) === 1) {
        addUncertainty(store.values, row * STRIDE, SETTINGS.levelProcessNoise * gap);
        clearSums(store, row);
      }
      if (day !== null && isVolume(store, row)) widenLevel(store.values, row * STRIDE + LEVEL_A, day);
    }
  }
}
