import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../clock.ts';
import { clip } from './judge-row.ts';
import { acceptMember } from './episode.ts';
import {
  at,
  atF32,
  atU8,
  DISPERSION,
  DOWN,
  EXPECTED,
  GROUP_ROWS,
  groupOfRow,
  LEVEL_A,
  RING,
  ringSlot,
  rowOf,
  type SeriesStore,
  SLOW_A,
  SPREAD,
  STRIDE,
  UP,
  WEIGHT,
} from './series-store.ts';
import type { Life } from './life.ts';
import { DOWN_RATIOS, UP_RATIOS } from './settings.ts';

/** Takes a correction of a minute that was learnt: levels and sequential sums get the difference, open anomalies get
 *  theirs, nothing is learnt twice. `store.counts` has the corrected counts; `age`: minutes since, below `RING`. */
export function correctMinute(store: SeriesStore, life: Life, minute: number, age: number): void {
  const slot = ringSlot(minute);
  for (let row = 0; row < store.groups * GROUP_ROWS; row++) {
    const before = atF32(store.ring, row * RING + slot);
    const count = at(store.counts, row);
    store.ring[row * RING + slot] = count;
    const change = count - before;
    if (before < 0 || change === 0 || atU8(store.seen, row) === 0) continue;
    correctRow(store, row, before, count, age);
    for (const episode of life.open) {
      if (row === rowOf(episode.scope, 'approved')) episode.lost -= change;
      for (const member of episode.members) if (member.row === row) acceptMember(member, change, age);
    }
  }
}

/** Puts into `store.counts`, which has the cells of a partial correction, what the ring has of the merchants that it does
 *  not name: they did not change. */
export function keepUnnamed(store: SeriesStore, window: ClosedWindow): void {
  const named = new Set(window.cells.map(({ merchant_id }) => store.index.merchant.get(merchant_id)));
  const slot = ringSlot(window.minute / MINUTE_MS);
  for (const group of store.index.merchant.values()) {
    if (named.has(group)) continue;
    const first = group * GROUP_ROWS;
    for (let row = first; row < first + GROUP_ROWS; row++) store.counts[row] = atF32(store.ring, row * RING + slot);
  }
}

function correctRow(store: SeriesStore, row: number, before: number, count: number, age: number): void {
  const f = store.values;
  const o = row * STRIDE;
  const group = groupOfRow(row);
  const mean = at(f, o + EXPECTED);
  const spread = Math.max(1, at(f, o + SPREAD));
  if (atU8(store.frozen, group) === 0 && atU8(store.frozen, 0) === 0) {
    const sd = Math.sqrt(mean * spread);
    // Only of the last minute it is known how far it was believed.
    const weight = age === 0 ? at(f, o + WEIGHT) : 1;
    const change = clip(count, mean, sd) - weight * clip(before, mean, sd) - (1 - weight) * mean;
    for (const level of [LEVEL_A, SLOW_A]) f[o + level] = Math.max(1e-9, at(f, o + level) + change / at(f, o + DISPERSION));
  }
  const change = count - before;
  for (let k = 0; k < 3; k++) {
    const up = (change * Math.log(UP_RATIOS[k] as number)) / spread;
    const down = (change * Math.log(DOWN_RATIOS[k] as number)) / spread;
    f[o + UP + k] = Math.max(0, at(f, o + UP + k) + up);
    f[o + DOWN + k] = Math.max(0, at(f, o + DOWN + k) + down);
  }
}
