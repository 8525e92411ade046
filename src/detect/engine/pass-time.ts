import { MINUTE_MS } from '../../clock.ts';
import { cadenceMinutes } from '../series/report-cadence.ts';
import { expireGroups } from './expiry.ts';
import { beginDay, isVolume } from '../expect/day-variance.ts';
import { addUncertainty, widenLevel } from '../series/level.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { clearSums } from '../evidence/sequential-sum.ts';
import { atU8, GROUP_ROWS, LEVEL_A, RING, ringSlot, STRIDE } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import type { DetectorState } from './state.ts';

/** A gap in event time above this many minutes clears what was gathered before it. */
const GAP_MINUTES = 5;

/** What happens to the state between its last minute and minute `number` (since the epoch), `gap` minutes without a window
 *  later. `before`, `where`: the two in local time. */
export function passTime(
  state: DetectorState,
  { number, gap, before, where }: { readonly number: number; readonly gap: number; readonly before: LocalSlot; readonly where: LocalSlot },
): void {
  if (gap > 0) passGap(state, number, gap);
  if (before.day !== where.day) startDay(state, before, where);
  expireGroups(state, state.lastMinute / MINUTE_MS, number);
}

/** A new local day may have another level: for a while the volumes are less certain, and a slow fall is not reported. */
function startDay(state: DetectorState, before: LocalSlot, now: LocalSlot): void {
  const { store, trend } = state;
  const error = before.dayType === 0 && now.dayType === 0 ? SETTINGS.weekdayError : SETTINGS.dayError;
  trend.knownMinutes = 0;
  beginDay(trend, error ** 2);
  for (let row = 0; row < store.groups * GROUP_ROWS; row++)
    if (isVolume(store, row)) widenLevel(store.values, row * STRIDE + LEVEL_A, error ** 2);
}

/** Time passed without windows: the stream paused. Levels get less certain, gathered evidence is void. */
function passGap(state: DetectorState, number: number, gap: number): void {
  const { store, trend } = state;
  const isWithinCadence = gap < cadenceMinutes(state.cadence);
  if (!isWithinCadence) trend.slope = trend.covariance = 0;
  for (let row = 0; row < store.groups * GROUP_ROWS; row++) {
    for (let back = 1; back <= Math.min(gap, RING); back++) store.ring[row * RING + ringSlot(number - back)] = -1;
    if (atU8(store.seen, row) === 0 || isWithinCadence || gap < GAP_MINUTES) continue;
    addUncertainty(store.values, row * STRIDE, SETTINGS.levelProcessNoise * gap);
    clearSums(store, row);
  }
  if (gap >= GAP_MINUTES) state.warnings.shares.fill(0);
}
